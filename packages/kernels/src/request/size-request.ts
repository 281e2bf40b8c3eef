import { BadArgumentError } from '@ntk-lens/core';
import { type MachineRates, rateNames, usualRates } from '@ntk-lens/engine';
import { DEFAULT_MEMORY } from '@ntk-lens/models';
import { mostInBatch } from '../plan/kernel-batches.js';
import type { MemoryModel } from '../plan/memory.js';
import { type WeightPlan, weightPlans } from '../plan/plan-weights.js';
import { type CountedExamples, countExamples, type TileRequest, tileRequest } from '../plan/tile-request.js';
import { type CheckedRequest, checkRequest } from './check-request.js';
import type { KernelRequest } from './kernel-request.js';

export const DEFAULT_BATCH = 32;

/** A checked request, with the memory that its plans have in common. */
export interface SizedRequest {
  readonly checked: CheckedRequest;
  readonly examples: CountedExamples;
  readonly memory: number;
  readonly rates: MachineRates;
  /** Sweeps at least. */
  readonly parts: number;
  readonly weights: ReturnType<typeof weightPlans>;
  /** The tiles that are asked for, with weights that come into memory in one way. */
  readonly tilesWith: (weights: WeightPlan, byTiles: boolean) => TileRequest;
}

/**
 * Checks everything about a request except its memory, and counts that of its examples.
 *
 * @throws what `checkRequest` throws; BadArgumentError for parts and rates
 */
export const sizeUp = (request: Omit<KernelRequest, 'runtime'>): SizedRequest => {
  const { model, train, memory = DEFAULT_MEMORY, rates = usualRates, parts = 1 } = request;
  const checked = checkRequest(request, DEFAULT_BATCH);
  const { stages, active, formula, logitWeights, padTo, batchSize } = checked;
  if (!Number.isInteger(parts) || parts < 1) throw new BadArgumentError('parts', parts, 'a positive integer');
  for (const name of rateNames)
    if (!(rates[name] > 0 && Number.isFinite(rates[name])))
      throw new BadArgumentError(`rates.${name}`, rates[name], 'a positive number');
  const lengths = checked.examples.map(({ inputIds }) => inputIds.length);
  const { hiddenSize } = model.config;
  const common = { stages, active, hiddenSize, outputs: logitWeights.length, maps: formula, padTo };
  const examples = countExamples(common, lengths, train.length);
  const tilesWith = (planned: WeightPlan, byTiles: boolean): TileRequest => {
    // The work memory of models that fit was measured with full batches; layers of larger ones count as they run.
    const most = planned.streamed ? mostInBatch(batchSize, padTo) : batchSize;
    const { residentBytes: weightBytes, backwardBytes: backwardWeightBytes } = planned;
    const memoryModel: MemoryModel = { ...common, byTiles, weightBytes, backwardWeightBytes };
    return tileRequest(memoryModel, examples, Math.min(most, lengths.length), memory, parts);
  };
  const weights = weightPlans(model, stages, request.streamed);
  return { checked, examples, memory, rates, parts, weights, tilesWith };
};
