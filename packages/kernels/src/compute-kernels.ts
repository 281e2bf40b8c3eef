import {
  BadArgumentError,
  type NDArray,
  ndarray,
  type SplitName,
  throwIfCancelled,
  zeros,
} from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import {
  type ChainOptions,
  firstPosition,
  openStageWeights,
  StageChain,
  type StageWeights,
} from '@ntk-lens/models';
import { KernelAssembly } from './assemble.js';
import { Accumulators, type BlockLevel } from './contract/accumulators.js';
import type { Contractor } from './contract/contractor.js';
import { StageContractor } from './contract/stage-contractor.js';
import type { TileArrays } from './contract/tile-kernels.js';
import { NonFiniteKernelError, ZeroGradientError } from './errors.js';
import type { ExampleBatch } from './factors/stage-factors.js';
import { meanSquaredGradient } from './moments/mean-squared-gradient.js';
import {
  forwardBatches,
  forwardProgress,
  joinOutputs,
  openBatches,
  releaseBatches,
} from './pass/example-batch.js';
import { computeRows, type KnownRows } from './pass/known-rows.js';
import { ResidentScope } from './pass/resident-scope.js';
import { streamStages } from './pass/stream-stages.js';
import type { PlannedTile, Sweep } from './plan/plan-tiles.js';
import { ProjectedContractor } from './projected/projected-contractor.js';
import type { KernelRequest, Kernels, SplitKernels } from './request/kernel-request.js';
import { type PreparedKernels, prepareKernels } from './request/prepare.js';

/**
 * Exact kernels of a model at θ₀ on prompted examples, of one formula (docs/theory.md, Kernels).
 *
 * @example
 * ```ts
 * const { train, test } = await computeKernels({
 *   model, runtime, formula: 'sgd', labelWordIds: [6659, 2307],
 *   train: trainExamples, queries: { test: testExamples },
 * });
 * test!.kernel.shape; // [32, 2, 200, 2]
 * ```
 * @throws what `checkKernelRequest` throws, before any work
 * @throws NonFiniteActivationError, NonFiniteKernelError, ZeroGradientError; CancelledError
 */
export const computeKernels = async (request: KernelRequest): Promise<Kernels> => {
  const { sum } = await computeKernelBlocks(request, 'sum');
  if (!sum) throw new Error('A kernel has at least one part.');
  return sum;
};

/**
 * The same kernels for each stage (`layer`) or each parameter (`parameter`). Parts add up to the whole,
 * except where a formula finishes each by itself (`cosine`).
 *
 * @returns kernels by stage or Hugging Face parameter name
 */
export const computeKernelBlocks = async (
  request: KernelRequest,
  level: BlockLevel,
): Promise<Record<string, Kernels>> => {
  if (request.projection && level !== 'sum')
    throw new BadArgumentError('level', level, '"sum": a projection mixes all parameters');
  // Whatever fails in between, nothing stays in the runtime.
  const scope = new ResidentScope(request.runtime);
  try {
    return await blocksOf({ ...request, runtime: scope }, level);
  } finally {
    await scope.close();
  }
};

const blocksOf = async (request: KernelRequest, level: BlockLevel): Promise<Record<string, Kernels>> => {
  const checked = prepareKernels(request);
  const { tiles, sweeps } = checked.plan;
  const outputs = checked.logitWeights.length;
  const train = request.train.length;
  const logits = zeros('float64', [checked.examples.length, outputs]);
  const assemblies = new Map<string, KernelAssembly>();
  const take = (planned: PlannedTile, tile: Tile) => {
    for (const [i, index] of [...planned.rows, ...planned.columns].entries()) {
      logits.data.set(tile.logits.data.subarray(i * outputs, (i + 1) * outputs), index * outputs);
    }
    for (const [name, arrays] of Object.entries(tile.parts)) {
      const assembly =
        assemblies.get(name) ?? new KernelAssembly(checked.formula, train, checked.examples.length, outputs);
      assemblies.set(name, assembly);
      assembly.add(planned, arrays);
    }
  };

  let opened: OpenedComputation | undefined;
  try {
    for (const sweep of sweeps) {
      throwIfCancelled(request.signal, 'The kernel computation');
      const missing: PlannedTile[] = [];
      for (const planned of sweep) {
        const stored = await readTile(request, level, tiles.indexOf(planned));
        if (stored) take(planned, stored);
        else missing.push(planned);
      }
      if (missing.length === 0) continue;
      opened ??= await open(request, checked);
      const numbers = missing.map((planned) => tiles.indexOf(planned) + 1).join(', ');
      const label = `tile ${numbers}/${tiles.length}`;
      for (const [i, tile] of (await computeSweep(opened, request, missing, level, label)).entries()) {
        const planned = missing[i]!;
        await request.store?.write(tileName(level, tiles.indexOf(planned)), tileArrays(tile));
        take(planned, tile);
      }
    }
  } finally {
    await opened?.weights.release();
  }

  const result: Record<string, Kernels> = {};
  for (const [name, assembly] of assemblies) {
    const split = (from: number, count: number): SplitKernels => ({
      ...assembly.slice(from, count),
      logits: {
        dtype: 'float64',
        shape: [count, outputs],
        data: logits.data.slice(from * outputs, (from + count) * outputs),
      },
    });
    const splits: Partial<Record<SplitName, SplitKernels>> = {};
    let from = train;
    for (const [query, examples] of Object.entries(request.queries)) {
      splits[query as SplitName] = split(from, examples.length);
      from += examples.length;
    }
    result[name] = { ...splits, train: split(0, train) };
  }
  if (Object.values(result).every(({ train: { kernel } }) => kernel.data.every((x) => x === 0)))
    throw new ZeroGradientError();
  return result;
};

/** A computation whose weights are open, and whose formula is prepared. */
interface OpenedComputation {
  readonly prepared: PreparedKernels;
  readonly weights: StageWeights;
  readonly chain: StageChain;
  /** The rows, where the plan keeps them: computed when they are first asked for. */
  readonly knownRows: () => Promise<KnownRows> | undefined;
}

const open = async (request: KernelRequest, checked: PreparedKernels): Promise<OpenedComputation> => {
  const { runtime, model, signal } = request;
  const { stages, logitWeights } = checked;
  const weights = await openStageWeights(runtime, model, stages, checked.weights.streamed, request);
  try {
    const own: Pick<ChainOptions, 'weightsOf' | 'turnTo'> = {
      weightsOf: (stage) => weights.of(stage),
      turnTo: (stage) => weights.turnTo(stage),
    };
    const common = { runtime, stages, ...own, signal, what: 'The kernel computation' };
    const panels = checked.plan.tiles.filter(({ self }) => self).map(({ rows }) => rows);
    const squares = { ...checked, panels };
    const maps = await checked.formula.prepare?.({
      meanSquaredGradient: (loss) => meanSquaredGradient(new StageChain(common), request, squares, loss),
    });
    const prepared = { ...checked, formula: { ...checked.formula, ...maps } };
    const chain = new StageChain({ ...common, logitWeights });
    let rows: Promise<KnownRows> | undefined;
    const knownRows = () => {
      if (checked.plan.keptRowBytes !== undefined) rows ??= rowsOf(chain, prepared, request);
      return rows;
    };
    return { prepared, weights, chain, knownRows };
  } catch (error) {
    await weights.release();
    throw error;
  }
};

/** Computes the rows that all tiles share. */
const rowsOf = (
  chain: StageChain,
  prepared: PreparedKernels,
  { onProgress }: KernelRequest,
): Promise<KnownRows> => {
  const { active, examples, padTo, config, logitWeights, plan } = prepared;
  const rows = plan.tiles[0]!.rows.map((i) => examples[i]!);
  const label = 'training examples';
  const lengths = { padTo, firstPosition: firstPosition(config) };
  const streaming = { active, lengths, phase: 'kernel', label, onProgress };
  const outputs = logitWeights.length;
  return computeRows(
    chain,
    rows,
    { ...prepared, outputs },
    streaming,
    forwardProgress(chain, label, onProgress),
  );
};

/** The results of one tile. */
interface Tile {
  /** f(·; θ₀) of rows, then columns, `[n, C]`. */
  readonly logits: NDArray;
  readonly parts: Readonly<Record<string, TileArrays>>;
}

/** Computes tiles of the same rows. */
const computeSweep = async (
  { prepared, chain, knownRows }: OpenedComputation,
  { model, projection, tied = false, onProgress }: KernelRequest,
  sweep: Sweep,
  level: BlockLevel,
  label: string,
): Promise<Tile[]> => {
  const { runtime, stages } = chain;
  const { active, formula, padTo, rates } = prepared;
  const outputs = prepared.logitWeights.length;
  const held: ExampleBatch[] = [];
  const open = (indices: readonly number[]) =>
    openBatches(
      runtime,
      indices.map((i) => prepared.examples[i]!),
      prepared,
      held,
    );
  try {
    const known = await knownRows();
    const rows = known ? [] : await open(sweep[0]!.rows);
    const columns: ExampleBatch[][] = [];
    for (const planned of sweep) columns.push(await open(planned.columns));
    const onStage = forwardProgress(chain, label, onProgress);
    const values = await forwardBatches(chain, held, prepared.kept, onStage);
    const lengths = { padTo, firstPosition: firstPosition(model.config) };
    const tiles = sweep.map((planned, i) => {
      const size = { rows: planned.rows.length, columns: planned.columns.length, outputs };
      const diagonal = formula.finish !== undefined && planned.first;
      const into = new Accumulators(level, formula, { ...size, self: planned.self, diagonal });
      const contractorOf = (runtime: Runtime): Contractor => {
        const options = { runtime, maps: formula, stages, active, lengths, tied, rates };
        return projection
          ? new ProjectedContractor({ ...options, projection, ...size }, into)
          : new StageContractor(options, into);
      };
      return { columns: columns[i]!, contractorOf, into };
    });
    const check = (stage: string) => {
      const bad = tiles.map(({ into }) => into.nonFinite).find((value) => value !== undefined);
      if (bad !== undefined) throw new NonFiniteKernelError(stage, bad);
    };
    const streaming = { active, lengths, phase: 'kernel', label, check, known: known?.factors, onProgress };
    await streamStages(chain, rows, tiles, streaming);
    const logitsOf = (batches: readonly ExampleBatch[], examples: number) =>
      joinOutputs(batches, (batch) => values[held.indexOf(batch)]!, examples, outputs);
    return tiles.map(({ columns, into }, i) => ({
      logits: stack(
        known?.outputs ?? logitsOf(rows, sweep[i]!.rows.length),
        logitsOf(columns, sweep[i]!.columns.length),
      ),
      parts: Object.fromEntries([...into.parts].map(([name, own]) => [name, own.arrays])),
    }));
  } finally {
    releaseBatches(runtime, held);
  }
};

/** Rows of one matrix, then those of another. */
const stack = (above: NDArray, below: NDArray): NDArray => {
  const shape = [above.shape[0]! + below.shape[0]!, above.shape[1]!];
  return ndarray<'float64'>(Float64Array.from([...above.data, ...below.data]), shape);
};

const tileName = (level: BlockLevel, index: number): string => `${level}-${String(index).padStart(4, '0')}`;

/** A tile as named arrays: `logits`, and `<array>:<part>`. */
const tileArrays = (tile: Tile): Record<string, NDArray> => ({
  logits: tile.logits,
  ...Object.fromEntries(
    Object.entries(tile.parts).flatMap(([part, arrays]) =>
      Object.entries<NDArray | undefined>({ ...arrays }).flatMap(([array, data]) =>
        data ? [[`${array}:${part}`, data] as const] : [],
      ),
    ),
  ),
});

const readTile = async (
  request: KernelRequest,
  level: BlockLevel,
  index: number,
): Promise<Tile | undefined> => {
  const { logits, ...arrays } = (await request.store?.read(tileName(level, index))) ?? {};
  if (!logits) return undefined;
  const parts: Record<string, Record<string, NDArray>> = {};
  for (const [name, array] of Object.entries(arrays)) {
    const [kind, part] = name.split(/:(.*)/s) as [string, string?];
    if (part !== undefined) parts[part] = { ...parts[part], [kind]: array };
  }
  return { logits, parts: parts as unknown as Record<string, TileArrays> };
};
