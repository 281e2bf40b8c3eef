import { type LongTaskOptions, type NDArray, ndarray } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import {
  type ChainOptions,
  DEFAULT_MEMORY,
  firstPosition,
  openStageWeights,
  StageChain,
  type StageWeights,
} from '@ntk-lens/models';
import { Accumulators, type BlockLevel } from './contract/accumulators.js';
import type { Contractor } from './contract/contractor.js';
import { StageContractor } from './contract/stage-contractor.js';
import { NonFiniteKernelError } from './errors.js';
import type { BatchFactors, ExampleBatch } from './factors/stage-factors.js';
import { meanSquaredGradient } from './moments/mean-squared-gradient.js';
import {
  forwardBatches,
  forwardProgress,
  joinOutputs,
  openBatches,
  releaseBatches,
} from './pass/example-batch.js';
import { type RowPlan, runRows } from './pass/run-rows.js';
import { type KnownRows, type StreamOptions, streamStages } from './pass/stream-stages.js';
import type { Sweep } from './plan/tile-plan.js';
import { ProjectedContractor } from './projected/projected-contractor.js';
import type { KernelRequest } from './request/kernel-request.js';
import type { PreparedKernels } from './request/prepare.js';
import type { Tile } from './store/stored-tile.js';

/**
 * The part of the memory budget that the process may hold before a sweep. Memory that is freed stays for the next one, and
 * after many sweeps of ever other shapes it is in pieces that no tensor fits into. A sweep of a large kernel added a fifth of
 * a budget of 1 GiB.
 */
const HELD = 0.75;

/** A computation whose weights are open, and whose formula is prepared. */
export interface OpenedComputation {
  readonly prepared: PreparedKernels;
  readonly weights: StageWeights;
  readonly chain: StageChain;
  /** The rows, where the plan keeps them: computed when they are first asked for. */
  readonly knownRows: () => Promise<KnownRows> | undefined;
}

/** Reads the weights and prepares the formula. */
export const openComputation = async (
  request: KernelRequest,
  checked: PreparedKernels,
): Promise<OpenedComputation> => {
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

/** The way in which rows run by themselves. */
export const rowRun = (
  prepared: PreparedKernels,
  label: string,
  { onProgress }: LongTaskOptions,
): { readonly plan: RowPlan; readonly options: StreamOptions } => {
  const { active, padTo, config, logitWeights } = prepared;
  const lengths = { padTo, firstPosition: firstPosition(config) };
  return {
    plan: { ...prepared, outputs: logitWeights.length },
    options: { active, lengths, phase: 'kernel', label, onProgress },
  };
};

/** Computes the rows that all tiles share. */
const rowsOf = async (
  chain: StageChain,
  prepared: PreparedKernels,
  { onProgress }: KernelRequest,
): Promise<KnownRows> => {
  const rows = prepared.plan.tiles[0]!.rows.map((i) => prepared.examples[i]!);
  const label = 'training examples';
  const { plan, options } = rowRun(prepared, label, { onProgress });
  const factors: (readonly BatchFactors[])[] = [];
  const keep = async (stage: number, own: readonly BatchFactors[]) => {
    factors[stage] = own;
  };
  const onStage = forwardProgress(chain, label, onProgress);
  const outputs = await runRows(chain, rows, plan, options, keep, onStage);
  return { factorsOf: async (stage) => factors[stage]!, stay: true, outputs };
};

/**
 * Computes tiles of the same rows.
 *
 * @param shared the rows, where processes share them
 */
export const computeSweep = async (
  { prepared, chain, knownRows }: OpenedComputation,
  { model, projection, tied = false, memory = DEFAULT_MEMORY, onProgress }: KernelRequest,
  sweep: Sweep,
  level: BlockLevel,
  label: string,
  shared?: KnownRows,
): Promise<readonly Tile[]> => {
  const { runtime, stages } = chain;
  const { active, formula, padTo, rates } = prepared;
  const outputs = prepared.logitWeights.length;
  const held: ExampleBatch[] = [];
  await runtime.trim(HELD * memory);
  const open = (indices: readonly number[]) =>
    openBatches(
      runtime,
      indices.map((i) => prepared.examples[i]!),
      prepared,
      held,
    );
  try {
    const known = shared ?? (await knownRows());
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
    const streaming = { active, lengths, phase: 'kernel', label, check, known, onProgress };
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
