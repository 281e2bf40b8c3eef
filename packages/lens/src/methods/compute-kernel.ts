import { type LongTaskOptions, ndarray, type PerSplit, perSplit, withoutUndefined } from '@ntk-lens/core';
import {
  computeKernelBlocks,
  computeKernels,
  type KernelRequest,
  type Kernels,
  type SplitKernels,
} from '@ntk-lens/kernels';
import { classifierModel, DEFAULT_MEMORY } from '@ntk-lens/models';
import type { Kernel, KernelBlocks, StoredKernel } from '../kernel/kernel.js';
import type { ResolvedChoice } from '../kernel/kernel-choice.js';
import { kernelIdentity } from '../kernel/kernel-identity.js';
import type { KernelOptions } from '../kernel/kernel-options.js';
import { sumOf, withoutLogits } from '../kernel/split-sums.js';
import type { KernelStore, PlanInputs } from '../session/platform.js';
import type { Session } from '../session/session.js';
import type { LensTask } from '../task/lens-task.js';
import { spaceInfo } from './in-space.js';
import { type PlannedKernel, planKernel, recordOf } from './kernel-request.js';
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
  const { signal, onProgress, directory, replace = false, ...asked } = options;
  const { platform, model, shared } = session;
  const planned = await planKernel(session, task, asked);
  const { choice } = planned;
  const of = { modelHash: await model.hash(), runtime: shared.name };
  const identity = kernelIdentity(task, choice, of);
  const store = directory === undefined ? undefined : await platform.openStore(directory, identity, replace);
  const known = await store?.read(choice.blocks);
  const stored = known?.whole
    ? known.kernel
    : await compute(session, task, planned, store, { signal, onProgress });
  // The finished kernel stays as it is: only parts are new.
  const kernel = known ? { ...known.kernel, blocks: stored.blocks } : { ...stored, identity };
  if (!known?.whole) await store?.finish(kernel);
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
  { choice, request }: PlannedKernel,
  store: KernelStore | undefined,
  long: LongTaskOptions,
): Promise<Omit<StoredKernel, 'identity'>> => {
  const { name, platform, shared, model } = session;
  const runtime = await shared.open();
  const make = async (): Promise<PlanInputs> => ({
    memory: session.memory ?? DEFAULT_MEMORY,
    profile: await platform.machineProfile(runtime.info, session.profile),
  });
  const { memory, profile } = await (store?.plan(make) ?? make());
  const { rates } = profile;
  const record = recordOf(runtime);
  const { reason: _, ...numbers } = record;
  const head = task.prompt ? undefined : await fitProbe(session, task, long);
  const { splits, blocks } = await wholeAndParts(
    {
      ...request,
      ...{ model: head ? classifierModel(model, head) : request.model, runtime, memory, rates },
      // Settings that change the parts' borders or their last bits: a resumed computation ends with the same
      // bytes.
      store: await store?.tiles({ memory, rates, batch: choice.batch, ...numbers }),
      ...long,
    },
    choice,
  );
  const probe = head && { penaltyC: head.penaltyC, warnings: head.warnings.map(({ message }) => message) };
  return {
    splits: perSplit((split) => {
      const labels = Int32Array.from(task.labels[split]);
      return { ...splits[split], labels: ndarray<'int32'>(labels, [labels.length]) };
    }),
    ...{ hasLogits: true, blocks, head, runtime: withoutUndefined({ ...record, probe }) },
    maker: { model: name, versions: platform.versions },
  };
};

const wholeAndParts = async (
  request: KernelRequest,
  { blocks: level, formula }: ResolvedChoice,
): Promise<{ readonly splits: PerSplit<SplitKernels>; readonly blocks?: KernelBlocks }> => {
  if (level === undefined) return { splits: splitsOf(await computeKernels(request)) };
  const parts = Object.entries(await computeKernelBlocks(request, level)).map(
    ([name, kernels]) => [name, splitsOf(kernels)] as const,
  );
  // Kernels of parts add up to the whole unless something is made of the sums.
  const splits =
    formula.finish === undefined
      ? sumOf(parts.map(([, part]) => part))
      : splitsOf(await computeKernels(request));
  const blocks = Object.fromEntries(parts.map(([name, part]) => [name, withoutLogits(part)]));
  return { splits, blocks: { level, parts: blocks } };
};

const splitsOf = ({ train, dev, test }: Kernels): PerSplit<SplitKernels> => {
  if (!dev || !test) throw new Error('computeKernels left a split out');
  return { train, dev, test };
};
