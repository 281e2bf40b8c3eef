import { isError } from '@ntk-lens/core';
import { type LanguageModel, type Stage, streamedBytesOf, weightBytesOf } from '@ntk-lens/models';
import { MemoryBudgetError } from '../errors.js';
import type { TilePlan } from './plan-tiles.js';

/** The way in which weights come into memory. */
export interface WeightPlan {
  /** They are read stage by stage in every pass, instead of once. */
  readonly streamed: boolean;
  /** Bytes of all weights that are used, float32. */
  readonly allBytes: number;
  /** Bytes of those that are in memory at once. */
  readonly residentBytes: number;
  /** Bytes of those that are in memory at once while passes go backwards. */
  readonly backwardBytes: number;
}

/** Weights that take more of the budget than this are streamed where that saves sweeps, since a sweep runs again what others ran. */
const SMALL = 1 / 2;

/**
 * Decides whether weights are streamed, and plans the tiles with it. They are resident if that is possible and takes no more
 * sweeps, or if they are small.
 *
 * @param asked the decision, where it was taken already
 * @param planWith plans the tiles
 * @throws what `planWith` throws
 */
export const planWeights = (
  model: Pick<LanguageModel, 'storedName'>,
  stages: readonly Stage[],
  memory: number,
  asked: boolean | undefined,
  planWith: (weights: WeightPlan) => TilePlan,
): { readonly weights: WeightPlan; readonly tiles: TilePlan } => {
  const allBytes = weightBytesOf(model, stages);
  const streamedBytes = streamedBytesOf(model, stages);
  const backwardBytes = streamedBytesOf(model, stages, 1);
  const plan = (weights: WeightPlan) => ({ weights, tiles: planWith(weights) });
  const resident = () =>
    plan({ streamed: false, allBytes, residentBytes: allBytes, backwardBytes: allBytes });
  const streamed = () => plan({ streamed: true, allBytes, residentBytes: streamedBytes, backwardBytes });
  if (asked !== undefined) return asked ? streamed() : resident();
  if (streamedBytes >= allBytes) return resident();
  const possible = ifItFits(resident);
  if (possible && allBytes <= SMALL * memory) return possible;
  const other = streamed();
  return possible && possible.tiles.sweeps.length <= other.tiles.sweeps.length ? possible : other;
};

/** Undefined where no plan fits the budget. */
export const ifItFits = <T>(plan: () => T): T | undefined => {
  try {
    return plan();
  } catch (error) {
    if (isError(error, MemoryBudgetError)) return undefined;
    throw error;
  }
};
