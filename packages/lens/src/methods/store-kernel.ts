import {
  type LongTaskOptions,
  ndarray,
  type PerSplit,
  perSplit,
  throwIfCancelled,
  withoutUndefined,
} from '@ntk-lens/core';
import { kernelFitsMemory, openKernelParts, openStoredKernels } from '@ntk-lens/kernels';
import { classifierModel } from '@ntk-lens/models';
import { LargeKernelError, NoDiskError } from '../errors.js';
import type { SpaceInfo } from '../kernel/kernel.js';
import type { KernelChoice, KernelOptions } from '../kernel/kernel-options.js';
import type { RuntimeRecord } from '../kernel/runtime-record.js';
import type { KernelStore, PlanInputs } from '../session/platform.js';
import type { Session } from '../session/session.js';
import type { LensTask } from '../task/lens-task.js';
import { spaceInfo } from './in-space.js';
import {
  type CheckKernelOptions,
  type PlannedKernel,
  planKernel,
  planOperators,
  recordOf,
} from './kernel-request.js';
import { forgetTiling, identityIn, openKernelRequest, planInputs } from './open-kernel-request.js';
import { fitProbe } from './probe-head.js';

/** Options of `lens.storeKernel`. */
export interface StoreKernelOptions extends Omit<KernelOptions, 'directory' | 'blocks'> {
  /** Directory of the kernel. */
  readonly directory: string;
}

/** A kernel whose arrays are in a directory, and not in memory. */
export interface KernelOnDisk {
  readonly directory: string;
  /** `[train, C, query, C]`, by set. */
  readonly shapes: PerSplit<readonly number[]>;
  readonly space?: SpaceInfo;
  readonly runtime: RuntimeRecord;
  /** True where it was already there. */
  readonly reused: boolean;
}

/** `lens.kernelFits`. */
export const kernelFits = async (
  session: Session,
  task: LensTask,
  { signal, onProgress: _, ...asked }: KernelChoice & LongTaskOptions,
): Promise<boolean> => {
  let fits = true;
  const check = (request: PlannedKernel['request']) => {
    fits = kernelFitsMemory(request);
  };
  await planKernel(session, task, asked, check);
  throwIfCancelled(signal, 'lens.kernelFits');
  return fits;
};

/**
 * Everything that is refused of a kernel on a disk, before any work.
 *
 * @throws LargeKernelError for kernels of parts of one that exceeds the budget; what `lens.kernel` throws before any work
 */
export const planStored = async (
  session: Session,
  task: LensTask,
  asked: KernelChoice,
): Promise<PlannedKernel> => {
  const check = (request: PlannedKernel['request']) => {
    if (!kernelFitsMemory(request) && asked.blocks !== undefined)
      throw new LargeKernelError(
        `a budget that the kernel exceeds, and \`blocks\` ${asked.blocks}, which multiplies it`,
        'the kernel alone',
        'Leave `blocks` out, or raise `memory`.',
      );
  };
  return planKernel(session, task, asked, check);
};

/** `lens.storeKernel`. */
export const storeKernel = (
  session: Session,
  task: LensTask,
  options: StoreKernelOptions,
): Promise<KernelOnDisk> => {
  const { disk } = session.platform;
  if (!disk) throw new NoDiskError();
  return disk.locked(options.directory, () => storedKernelOf(session, task, options));
};

const storedKernelOf = async (
  session: Session,
  task: LensTask,
  options: StoreKernelOptions,
): Promise<KernelOnDisk> => {
  const { directory, replace = false, computedBy, signal: _, onProgress: __, ...asked } = options;
  const planned = await planStored(session, task, asked);
  const identity = await identityIn(session, task, planned.choice);
  const store = await session.platform.openStore(directory, identity, replace);
  if (!store.rows) throw new NoDiskError();
  const known = await store.rows.known();
  if (!known) await compute(session, task, planned, store, options);
  const { shapes, runtime } = known ?? (await store.rows.known())!;
  const space = await spaceInfo(session.model, planned.choice);
  return { directory, shapes, runtime, space, reused: known !== undefined };
};

/** Computes the tiles that are not there, and puts the rows of all of them together as they are written. */
const compute = async (
  session: Session,
  task: LensTask,
  planned: PlannedKernel,
  store: KernelStore,
  { computedBy, signal, onProgress }: StoreKernelOptions,
): Promise<void> => {
  const long = { signal, onProgress };
  // Parts that others have computed need no runtime.
  const runtime = computedBy ? undefined : await session.shared.open();
  const record = computedBy ?? recordOf(runtime!);
  const inputs = async (): Promise<PlanInputs> =>
    planInputs(session, runtime ?? (await session.shared.open()));
  const request = await openKernelRequest(session, planned, store, record, inputs);
  const { store: tiles } = request;
  if (!tiles) throw new Error('A directory of a kernel has tiles.');
  const head = task.prompt ? undefined : await fitProbe(session, task, long);
  const model = head ? classifierModel(session.model, head) : request.model;
  const own = { ...request, ...long, model, store: tiles };
  if (runtime) {
    const parts = await openKernelParts(own, 'sum', async () => runtime);
    try {
      for (let part = 0; part < parts.count; part++)
        if (!(await parts.isDone(part))) await parts.compute(part, long);
    } finally {
      await parts.close();
    }
  }
  const { splits, blockBytes } = await openStoredKernels(own);
  const probe = head && { penaltyC: head.penaltyC, warnings: head.warnings.map(({ message }) => message) };
  await store.rows!.finish({
    splits: perSplit((split) => {
      const labels = Int32Array.from(task.labels[split]);
      return { ...splits[split]!, labels: ndarray<'int32'>(labels, [labels.length]) };
    }),
    ...{ blockBytes, head, ...long, runtime: withoutUndefined({ ...record, probe }) },
    maker: { model: session.name, versions: session.platform.versions },
  });
  forgetTiling(session, store);
};

/** `lens.checkKernel`: nothing, where `lens.kernel` would begin to work. */
export const checkKernel = async (
  session: Session,
  task: LensTask,
  { signal, onProgress: _, matrixFree = false, stored = false, ...choice }: CheckKernelOptions,
): Promise<void> => {
  if (matrixFree) await planOperators(session, task, choice);
  else if (stored) await planStored(session, task, choice);
  else await planKernel(session, task, choice);
  throwIfCancelled(signal, 'lens.checkKernel');
};
