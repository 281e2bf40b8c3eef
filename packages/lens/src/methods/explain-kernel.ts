import { ConflictingOptionsError, type LongTaskOptions } from '@ntk-lens/core';
import { gemmRate } from '@ntk-lens/engine';
import { explainKernels, type KernelPlan } from '@ntk-lens/kernels';
import type { RuntimeRecord } from '../kernel/kernel.js';
import type { KernelChoice } from '../kernel/kernel-options.js';
import type { Session } from '../session/session.js';
import type { LensTask } from '../task/lens-task.js';
import { planKernel, recordOf } from './kernel-request.js';

/** The plan of a kernel computation, with the rate at which the runtime multiplies. */
export interface ExplainedKernel {
  readonly plan: KernelPlan;
  readonly runtime: RuntimeRecord;
  /** float32 matrix products measured a moment ago, GFLOP/s. */
  readonly gemmGflops: number;
  /** Share of it that products in a kernel are reckoned to reach: they are smaller, and stand between other work. */
  readonly efficiency: number;
  /** Predicted time of the kernel alone, from the counted work and the measured rate. */
  readonly seconds: number;
}

const EFFICIENCY = 0.7;
/** Bytes per second that elementwise work moves on a CPU, where few of them stay in a cache. */
const MEMORY_RATE = 5e9;

/** `lens.explain`: the plan of a kernel, and its cost. */
export const explainKernel = async (
  session: Session,
  task: LensTask,
  options: KernelChoice & LongTaskOptions = {},
): Promise<ExplainedKernel> => {
  const { signal, onProgress: _, ...asked } = options;
  const { request, choice } = await planKernel(session, task, asked);
  if (request.projection)
    throw new ConflictingOptionsError(
      `There is no plan for the kernel of ${choice.space.spec}, which projects gradients.`,
      'Explain the kernel of another space, or compute this one.',
    );
  const plan = explainKernels(request);
  const runtime = await session.shared.open();
  const gemmGflops = await gemmRate(runtime, { signal });
  const seconds = secondsOf(plan, gemmGflops);
  return { plan, runtime: recordOf(runtime), gemmGflops, efficiency: EFFICIENCY, seconds };
};

/**
 * Seconds that a planned computation takes: counted FLOPs at a share of the GEMM rate, and the bytes of forward and
 * backward passes at the memory's rate. Loading weights and compiling programs are not in it.
 */
const secondsOf = ({ totalFlops, forward, factors }: KernelPlan, gemmGflops: number): number =>
  totalFlops / (gemmGflops * 1e9 * EFFICIENCY) + (forward.bytes + factors.bytes) / MEMORY_RATE;
