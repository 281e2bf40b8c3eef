import { ConflictingOptionsError, type LongTaskOptions } from '@ntk-lens/core';
import {
  gemmRate,
  type MachineProfile,
  type MachineRates,
  type Runtime,
  secondsOfWork,
} from '@ntk-lens/engine';
import { explainKernels, type KernelPlan, type WorkPart } from '@ntk-lens/kernels';
import type { RuntimeRecord } from '../kernel/kernel.js';
import type { KernelChoice } from '../kernel/kernel-options.js';
import type { Session } from '../session/session.js';
import type { LensTask } from '../task/lens-task.js';
import { planKernel, recordOf } from './kernel-request.js';

/** The plan of a kernel computation, with the rates by which its time is forecast. */
export interface ExplainedKernel {
  readonly plan: KernelPlan;
  readonly runtime: RuntimeRecord;
  /** The profile by which the plan is made. */
  readonly profile: MachineProfile;
  /** The rates of the forecast: the profile's, where it was measured; else products are as fast as they were a moment ago. */
  readonly rates: MachineRates;
  /** Forecast of the kernel alone, in all and by parts of the work; loading weights comes on top. */
  readonly seconds: number;
  readonly parts: Readonly<Record<WorkPart, number>>;
}

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
  const runtime = await session.shared.open();
  const profile = await session.platform.machineProfile(runtime.info, session.profile);
  const plan = explainKernels({ ...request, rates: profile.rates });
  const rates = await ratesOf(profile, runtime, signal);
  const parts = Object.fromEntries(
    Object.entries(plan.work).map(([part, work]) => [part, secondsOfWork(work, rates)]),
  ) as Record<WorkPart, number>;
  const seconds = Object.values(parts).reduce((sum, part) => sum + part, 0);
  return { plan, runtime: recordOf(runtime), profile, rates, seconds, parts };
};

/** Rates of a machine that was not measured are those of the table, with products that are measured now. */
const ratesOf = async (
  { source, rates }: MachineProfile,
  runtime: Runtime,
  signal: AbortSignal | undefined,
): Promise<MachineRates> => {
  if (source === 'measured') return rates;
  const scale = (1e9 * (await gemmRate(runtime, { signal }))) / rates.products;
  return {
    ...rates,
    products: scale * rates.products,
    thinProducts: scale * rates.thinProducts,
    integerProducts: scale * rates.integerProducts,
  };
};
