import { ConflictingOptionsError, type LongTaskOptions } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import { checkKernelRequest, checkOperatorRequest, type KernelRequest } from '@ntk-lens/kernels';
import { type ResolvedChoice, resolveChoice } from '../kernel/kernel-choice.js';
import type { KernelChoice } from '../kernel/kernel-options.js';
import type { RuntimeRecord } from '../kernel/runtime-record.js';
import type { Session } from '../session/session.js';
import type { LensTask } from '../task/lens-task.js';
import { inSpace } from './in-space.js';
import { unfittedClassifier } from './probe-head.js';

/** A kernel's choice with its request, which was checked; the head of a network without a prompt is not fitted yet. */
export interface PlannedKernel {
  readonly choice: ResolvedChoice;
  readonly request: Omit<KernelRequest, 'runtime'>;
}

/**
 * Everything that can be refused of a kernel before any work.
 *
 * @param check refuses what cannot be computed of the request. Default: a kernel in memory
 * @throws what `lens.kernel` throws before any work
 */
export const planKernel = async (
  session: Session,
  task: LensTask,
  asked: KernelChoice,
  check: (request: PlannedKernel['request']) => void = checkKernelRequest,
): Promise<PlannedKernel> => {
  const { spec, prompt, examples, labelWordIds, gold, range } = task;
  const choice = resolveChoice(task, asked, session.space);
  const { formula, binary, tied, keepNoise, batch } = choice;
  const model = prompt ? session.model : unfittedClassifier(session.model, spec.labels.length);
  const { train, dev, test } = examples;
  const request = {
    ...(await inSpace(model, choice)),
    ...{ train, queries: { dev, test }, labelWordIds, formula, labels: gold.train, range, binary, keepNoise },
    // Without the language-model head there is no decoder to tie.
    tied: tied && prompt !== undefined,
    memory: session.memory,
    batchSize: batch,
  };
  check(request);
  return { choice, request };
};

/**
 * Everything that can be refused, before any work, of a kernel that is known by its products alone.
 *
 * @throws what `lens.solveMatrixFree` throws before any work
 */
export const planOperators = async (
  session: Session,
  task: LensTask,
  asked: KernelChoice,
): Promise<PlannedKernel> => {
  if (asked.blocks !== undefined)
    throw new ConflictingOptionsError(
      `\`blocks\` ${asked.blocks} asks for kernels of parts, and a matrix-free solution writes out none.`,
      'Leave `blocks` out, or `matrixFree`.',
    );
  return planKernel(session, task, asked, checkOperatorRequest);
};

/** Options of `lens.checkKernel`. */
export interface CheckKernelOptions extends KernelChoice, LongTaskOptions {
  /** Ask for `lens.solveMatrixFree` instead of `lens.kernel`. Default: false. */
  readonly matrixFree?: boolean;
  /** Ask for `lens.storeKernel` where the kernel exceeds the memory budget. Default: false. */
  readonly stored?: boolean;
}

/** A manifest's record of a runtime. */
export const recordOf = ({ info }: Runtime): RuntimeRecord => {
  const { runtime, version, dtype, threads, reason } = info;
  return { runtime, version, dtype, threads, reason };
};
