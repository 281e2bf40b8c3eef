import { BadArgumentError, isError } from '@ntk-lens/core';
import { type MachineRates, rateNames, usualRates } from '@ntk-lens/engine';
import { DEFAULT_MEMORY, firstPosition } from '@ntk-lens/models';
import { KernelSizeError, MemoryBudgetError } from '../errors.js';
import type { KeptSites } from '../plan/kept-values.js';
import { kernelBatches, mostInBatch } from '../plan/kernel-batches.js';
import { bytesOfExamples, sharesParameters } from '../plan/memory.js';
import { planKept } from '../plan/plan-kept.js';
import { planKeptRows } from '../plan/plan-kept-rows.js';
import { fitStates, planStates, type StatesPlan } from '../plan/plan-states.js';
import { planTiles, type TilePlan } from '../plan/plan-tiles.js';
import { ifItFits, planWeights, type WeightPlan } from '../plan/plan-weights.js';
import { readValues } from '../plan/read-values.js';
import { type CheckedRequest, checkRequest } from './check-request.js';
import type { KernelRequest } from './kernel-request.js';

export const DEFAULT_BATCH = 32;

/** A checked request, with its plan. */
export interface PreparedKernels extends CheckedRequest {
  readonly weights: WeightPlan;
  readonly plan: TilePlan;
  /** Values of sites that the forward pass keeps for the backward pass. */
  readonly kept: KeptSites;
  readonly rates: MachineRates;
  /** Factors of the training examples that processes share; absent where each computes its own. */
  readonly states?: StatesPlan | undefined;
}

/**
 * Checks a request and plans it, before any work.
 *
 * @throws UnknownFormulaError, FormulaNotAvailableError, BadArgumentError, SequenceTooLongError, BranchesError, NoParametersError,
 *   KernelSizeError, MemoryBudgetError, and what the formula throws
 */
export const prepareKernels = (request: Omit<KernelRequest, 'runtime'>): PreparedKernels =>
  prepare(request, false);

/**
 * A request whose kernel need not fit the memory budget. One that does not is computed tile by tile and put together from their
 * rows: its plan has `blockBytes`.
 *
 * @throws what `prepareKernels` throws; MemoryBudgetError names the smallest budget for tiles then
 */
export const prepareLargeKernels = (request: Omit<KernelRequest, 'runtime'>): PreparedKernels => {
  try {
    return prepare(request, false);
  } catch (error) {
    if (!isError(error, MemoryBudgetError) && !isError(error, KernelSizeError)) throw error;
    return prepare(request, true);
  }
};

const prepare = (request: Omit<KernelRequest, 'runtime'>, byTiles: boolean): PreparedKernels => {
  const { model, train, memory = DEFAULT_MEMORY, rates = usualRates, parts = 1 } = request;
  const { hiddenSize, maxTokens } = model.config;
  const checked = checkRequest(request, DEFAULT_BATCH);
  const { examples, stages, active, formula, logitWeights, padTo, batchSize } = checked;
  if (!Number.isInteger(parts) || parts < 1) throw new BadArgumentError('parts', parts, 'a positive integer');
  for (const name of rateNames)
    if (!(rates[name] > 0 && Number.isFinite(rates[name])))
      throw new BadArgumentError(`rates.${name}`, rates[name], 'a positive number');
  const lengths = examples.map(({ inputIds }) => inputIds.length);
  const common = { stages, active, hiddenSize, outputs: logitWeights.length, maps: formula, padTo, byTiles };
  const planBy =
    <P>(plan: (...tiles: Parameters<typeof planTiles>) => P) =>
    (planned: WeightPlan, extra?: Parameters<typeof planTiles>[5]) => {
      // The work memory of models that fit was measured with full batches; layers of larger ones count as they run.
      const most = planned.streamed ? mostInBatch(batchSize, padTo) : batchSize;
      const { residentBytes: weightBytes, backwardBytes: backwardWeightBytes } = planned;
      const memoryModel = { ...common, weightBytes, backwardWeightBytes };
      return plan(memoryModel, lengths, train.length, Math.min(most, lengths.length), memory, extra, parts);
    };
  const [tilesBy, keptRowsBy] = [planBy(planTiles), planBy(planKeptRows)];
  const { weights, tiles } = planWeights(model, stages, memory, request.streamed, tilesBy);
  const batchesOf = (indices: readonly number[]) =>
    kernelBatches(
      indices.map((i) => lengths[i]!),
      batchSize,
      maxTokens,
    );
  const padded = (indices: readonly number[]) =>
    batchesOf(indices).reduce((sum, batch) => sum + batch.indices.length * batch.length, 0);
  // Streamed weights are read again for every sweep, and a projection runs over the factors of the rows for every tile.
  const keepsRows = !weights.streamed && !request.projection && !sharesParameters({ active });
  const read = readValues(stages, active, { padTo, firstPosition: firstPosition(model.config) });
  const rowBytes = bytesOfExamples({ ...common, weightBytes: 0 }, lengths.slice(0, train.length));
  const bytes = rowBytes.reduce((sum, { allFactors }) => sum + allFactors, 0);
  const sharesRows = request.parts !== undefined && fitStates(bytes, memory);
  const tokens = lengths.slice(0, train.length).reduce((sum, length) => sum + length, 0);
  const sharedPerToken = sharesRows ? bytes / tokens : undefined;
  const asked = { ...common, read, memory, rates, padded, sharedPerToken };
  const { plan, kept } = planKept(asked, tiles, (extra) => [
    extra && ifItFits(() => tilesBy(weights, extra)),
    keepsRows ? keptRowsBy(weights, extra) : undefined,
  ]);
  const states = sharesRows ? planStates(plan.sweeps, batchesOf, parts) : undefined;
  return { ...checked, weights, plan, kept, rates, states };
};

/**
 * Everything that `computeKernels` refuses before any work, and nothing else: needs no runtime, reads no weights.
 *
 * @throws what `prepareKernels` throws
 * @internal
 */
export const checkKernelRequest = (request: Omit<KernelRequest, 'runtime'>): void => {
  prepareKernels(request);
};

/**
 * True where a kernel fits the memory budget as a whole, and false where it is computed tile by tile and put together from their
 * rows (`openStoredKernels`). Refuses everything that is refused before any work, and does nothing else.
 *
 * @throws what `prepareKernels` throws; MemoryBudgetError for a budget that not even tiles fit
 */
export const kernelFitsMemory = (request: Omit<KernelRequest, 'runtime'>): boolean =>
  prepareLargeKernels(request).plan.blockBytes === undefined;
