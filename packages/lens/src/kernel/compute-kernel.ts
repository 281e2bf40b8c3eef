import { isError, type LongTaskOptions, type NDArray, type SplitName } from '@ntk-lens/core';
import { createRuntime, gemmRate, type Runtime } from '@ntk-lens/engine';
import {
  checkKernelRequest,
  computeKernelBlocks,
  computeKernels,
  explainKernels,
  type Kernels,
  OldTilesError,
  OtherTilesError,
  openTileStore,
  removeTiles,
  type SplitKernels,
  type TileStore,
} from '@ntk-lens/kernels';
import { classifierModel, type LanguageModel } from '@ntk-lens/models';
import { ConflictingOptionsError } from '../../options/errors.js';
import { addsUp } from '../formula-traits.js';
import { knownRuntime } from '../known-runtime.js';
import type { Machine } from './forward-passes.js';
import { inSpace, spaceModel } from './in-space.js';
import type {
  BlockKernels,
  ComputedKernels,
  ExplainedKernels,
  KernelRequest,
  RuntimeRecord,
} from './opened-model.js';
import { fitProbe, unfittedClassifier } from './probe-head.js';
import type { SpaceInfo, SpaceRequest } from './space-request.js';

/** Computes kernels of one model; the runtime is opened with the first and kept. */
export class KernelRunner {
  #runtime: Runtime | undefined;
  constructor(readonly model: LanguageModel) {}

  async compute(request: KernelRequest, options: LongTaskOptions): Promise<ComputedKernels> {
    const runtime = await this.#open(request);
    const record = recordOf(runtime);
    const { reason: _, ...identity } = record;
    const { probe, examples } = request;
    const head = probe && (await fitProbe(this.model, runtime, examples.train, probe, options));
    const whole = {
      ...(await this.#request(request)),
      ...(head && { model: classifierModel(this.model, head) }),
      runtime,
      store: await this.#openTiles(request, identity),
      ...options,
    };
    if (request.blocks === undefined) {
      return { splits: splitsOf(await computeKernels(whole)), runtime: record, ...(head && { head }) };
    }
    const parts = await computeKernelBlocks(whole, request.blocks);
    const blocks = Object.fromEntries(
      Object.entries(parts).map(([name, kernels]) => [name, withoutLogits(splitsOf(kernels))]),
    );
    const splits = addsUp(request.formula)
      ? sumOf(Object.values(parts).map(splitsOf))
      : splitsOf(await computeKernels(whole));
    return { splits, blocks, runtime: record, ...(head && { head }) };
  }

  /** @throws MemoryBudgetError, SequenceTooLongError, NoParametersError, BadArgumentError; what a space throws */
  async check(request: KernelRequest): Promise<void> {
    checkKernelRequest(await this.#request(request));
  }

  async describeSpace(space: SpaceRequest): Promise<SpaceInfo> {
    const { dimension, startsAtModel, kernel } = await spaceModel(this.model, space);
    const whole = [...this.model.parameters.keys()].every((name) => kernel.parameters?.(name) ?? true);
    return { dimension, startsAtModel, projectsAll: kernel.projection !== undefined && whole };
  }

  async explain(request: KernelRequest, options: LongTaskOptions): Promise<ExplainedKernels> {
    const inner = await this.#request(request);
    if (inner.projection)
      throw new ConflictingOptionsError(
        `--explain has no plan for the kernel of ${request.space?.spec}, which projects gradients.`,
        'Leave out --explain, or the random subspace.',
      );
    const plan = explainKernels(inner);
    const runtime = await this.#open(request);
    return { plan, runtime: recordOf(runtime), gemmGflops: await gemmRate(runtime, options) };
  }

  /** The runtime of this model, for other work on it. */
  open(machine: Machine): Promise<Runtime> {
    return this.#open(machine);
  }

  async #open({ runtime, threads }: Machine): Promise<Runtime> {
    this.#runtime ??= await createRuntime({
      runtime: await knownRuntime(runtime),
      ...(threads !== undefined && { threads }),
    });
    return this.#runtime;
  }

  async #request(request: KernelRequest) {
    const { train, dev, test } = request.examples;
    const model = request.probe ? unfittedClassifier(this.model, request.probe.classes) : this.model;
    return {
      ...(await inSpace(model, request)),
      train,
      queries: { dev, test },
      labelWordIds: request.labelWordIds,
      formula: request.formula,
      labels: request.labels,
      ...(request.range && { range: request.range }),
      binary: request.binary,
      tied: request.tied,
      keepNoise: request.keepNoise,
      ...(request.memory !== undefined && { memory: request.memory }),
      ...(request.batch !== undefined && { batchSize: request.batch }),
    };
  }

  /** What changes the parts' borders or their last bits is in the identity: a resumed run ends with the same bytes. */
  async #openTiles(
    { tiles: { directory, identity, replace }, memory, batch }: KernelRequest,
    runtime: Readonly<Record<string, unknown>>,
  ): Promise<TileStore> {
    const whole = { ...identity, memory, batch, ...runtime };
    try {
      return await openTileStore(directory, whole);
    } catch (error) {
      // Tiles of another computation, or of another version.
      const other = isError(error, OtherTilesError) || isError(error, OldTilesError);
      if (!replace || !other) throw error;
      await removeTiles(directory);
      return openTileStore(directory, whole);
    }
  }

  async close(): Promise<void> {
    await this.#runtime?.close();
    this.#runtime = undefined;
  }
}

type Splits = Readonly<Record<SplitName, SplitKernels>>;

const recordOf = ({ info: { runtime, version, dtype, threads, reason } }: Runtime): RuntimeRecord => ({
  runtime,
  version,
  dtype,
  threads,
  reason,
});

const splitsOf = ({ train, dev, test }: Kernels): Splits => {
  if (!dev || !test) throw new Error('computeKernels left a split out');
  return { train, dev, test };
};

const perSplit = <T>(of: (split: SplitName) => T): Readonly<Record<SplitName, T>> => ({
  train: of('train'),
  dev: of('dev'),
  test: of('test'),
});

const withoutLogits = (splits: Splits): BlockKernels =>
  perSplit((split) => {
    const { kernel, flipped } = splits[split];
    return { kernel, ...(flipped && { flipped }) };
  });

const added = (arrays: readonly NDArray<'float64'>[]): NDArray<'float64'> => {
  const [first, ...rest] = arrays;
  if (!first) throw new Error('computeKernelBlocks left no block');
  const data = first.data.slice();
  for (const array of rest) for (let i = 0; i < data.length; i++) data[i]! += array.data[i]!;
  return { ...first, data };
};

/** Parts add up to the whole; logits are the same in each. */
const sumOf = (parts: readonly Splits[]): Splits =>
  perSplit((split) => {
    const own = parts.map((part) => part[split]);
    const flipped = own.flatMap((part) => part.flipped ?? []);
    return {
      kernel: added(own.map(({ kernel }) => kernel)),
      ...(flipped.length > 0 && { flipped: added(flipped) }),
      logits: own[0]!.logits,
    };
  });
