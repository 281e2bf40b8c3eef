import { type LongTaskOptions, ndarray, type PerSplit, perSplit, withoutUndefined } from '@ntk-lens/core';
import {
  assembleKernelBlocks,
  computeKernelBlocks,
  type Kernels,
  type SplitKernels,
} from '@ntk-lens/kernels';
import { classifierModel } from '@ntk-lens/models';
import type { Kernel, KernelBlocks, StoredKernel } from '../kernel/kernel.js';
import type { ResolvedChoice } from '../kernel/kernel-choice.js';
import type { BlockLevel, KernelOptions } from '../kernel/kernel-options.js';
import { sumOf, withoutLogits } from '../kernel/split-sums.js';
import type { KernelStore } from '../session/platform.js';
import type { Session } from '../session/session.js';
import type { LensTask } from '../task/lens-task.js';
import { spaceInfo } from './in-space.js';
import { type PlannedKernel, planKernel, recordOf } from './kernel-request.js';
import { forgetTiling, identityIn, levelsOf, openKernelRequest, planInputs } from './open-kernel-request.js';
import { fitProbe } from './probe-head.js';

/** `lens.kernel`: reads the kernel where it is kept and finished, computes and keeps it otherwise. */
export const computeKernel = (
  session: Session,
  task: LensTask,
  options: KernelOptions = {},
): Promise<Kernel> => {
  const work = () => keptKernel(session, task, options);
  const { disk } = session.platform;
  return disk && options.directory !== undefined ? disk.locked(options.directory, work) : work();
};

const keptKernel = async (session: Session, task: LensTask, options: KernelOptions): Promise<Kernel> => {
  const { signal, onProgress, directory, replace = false, computedBy, ...asked } = options;
  const { platform, model } = session;
  const planned = await planKernel(session, task, asked);
  const { choice } = planned;
  const identity = await identityIn(session, task, choice);
  const store = directory === undefined ? undefined : await platform.openStore(directory, identity, replace);
  const known = await store?.read(choice.blocks);
  const stored = known?.whole
    ? known.kernel
    : await compute(session, task, planned, store, { computedBy, signal, onProgress });
  // The finished kernel stays as it is: only parts are new.
  const kernel = known ? { ...known.kernel, blocks: stored.blocks } : { ...stored, identity };
  if (!known?.whole) await store?.finish(kernel);
  if (store) forgetTiling(session, store);
  return {
    ...kernel,
    space: await spaceInfo(model, choice),
    reused: known?.whole === true,
    origin: { task, choice: asked },
    save: (path, { replace = false } = {}) => platform.saveKernel(kernel, path, replace),
  };
};

const compute = async (
  session: Session,
  task: LensTask,
  planned: PlannedKernel,
  store: KernelStore | undefined,
  { computedBy, ...long }: LongTaskOptions & Pick<KernelOptions, 'computedBy'>,
): Promise<Omit<StoredKernel, 'identity'>> => {
  const { choice } = planned;
  // Parts that others have computed need no runtime.
  const runtime = computedBy ? undefined : await session.shared.open();
  const record = computedBy ?? recordOf(runtime!);
  const request = await openKernelRequest(session, planned, store, record, async () =>
    planInputs(session, runtime ?? (await session.shared.open())),
  );
  const head = task.prompt ? undefined : await fitProbe(session, task, long);
  const own = { ...request, model: head ? classifierModel(session.model, head) : request.model, ...long };
  const blocksOf: BlocksOf = runtime
    ? (level) => computeKernelBlocks({ ...own, runtime }, level)
    : (level) => assembleKernelBlocks(own, level);
  const { splits, blocks } = await wholeAndParts(blocksOf, choice);
  const probe = head && { penaltyC: head.penaltyC, warnings: head.warnings.map(({ message }) => message) };
  return {
    splits: perSplit((split) => {
      const labels = Int32Array.from(task.labels[split]);
      return { ...splits[split], labels: ndarray<'int32'>(labels, [labels.length]) };
    }),
    ...{ hasLogits: true, blocks, head, runtime: withoutUndefined({ ...record, probe }) },
    maker: { model: session.name, versions: session.platform.versions },
  };
};

/** Kernels by part: all of them are `sum`, or those of a level. */
type BlocksOf = (level: 'sum' | BlockLevel) => Promise<Readonly<Record<string, Kernels>>>;

const wholeAndParts = async (
  blocksOf: BlocksOf,
  choice: ResolvedChoice,
): Promise<{ readonly splits: PerSplit<SplitKernels>; readonly blocks?: KernelBlocks }> => {
  const whole = async () => splitsOf((await blocksOf('sum'))['sum']!);
  const { blocks: level } = choice;
  if (level === undefined) return { splits: await whole() };
  const parts = Object.entries(await blocksOf(level)).map(
    ([name, kernels]) => [name, splitsOf(kernels)] as const,
  );
  // Kernels of parts add up to the whole unless something is made of the sums.
  const splits = levelsOf(choice).includes('sum') ? await whole() : sumOf(parts.map(([, part]) => part));
  const blocks = Object.fromEntries(parts.map(([name, part]) => [name, withoutLogits(part)]));
  return { splits, blocks: { level, parts: blocks } };
};

const splitsOf = ({ train, dev, test }: Kernels): PerSplit<SplitKernels> => {
  if (!dev || !test) throw new Error('computeKernels left a split out');
  return { train, dev, test };
};
