import { isError } from '@ntk-lens/core';
import { type LanguageModel, type Stage, streamedBytesOf, weightBytesOf } from '@ntk-lens/models';
import { MemoryBudgetError } from '../errors.js';
import type { TilePlan } from './tile-plan.js';

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
 * The ways in which weights can come into memory: resident, if nobody asks otherwise, and streamed where that takes less.
 *
 * @param asked the decision, where it was taken already
 */
export const weightPlans = (
  model: Pick<LanguageModel, 'storedName'>,
  stages: readonly Stage[],
  asked: boolean | undefined,
): readonly [WeightPlan, WeightPlan?] => {
  const allBytes = weightBytesOf(model, stages);
  const resident = { streamed: false, allBytes, residentBytes: allBytes, backwardBytes: allBytes };
  if (asked === false) return [resident];
  const residentBytes = streamedBytesOf(model, stages);
  const streamed = {
    streamed: true,
    allBytes,
    residentBytes,
    backwardBytes: streamedBytesOf(model, stages, 1),
  };
  if (asked) return [streamed];
  return residentBytes >= allBytes ? [resident] : [resident, streamed];
};

/**
 * Decides whether weights are streamed, and plans the tiles with it. They are resident if that is possible and takes no more
 * sweeps, or if they are small.
 *
 * @param planWith plans the tiles
 * @throws what `planWith` throws
 */
export const planWeights = (
  [first, second]: ReturnType<typeof weightPlans>,
  memory: number,
  planWith: (weights: WeightPlan) => TilePlan,
): { readonly weights: WeightPlan; readonly tiles: TilePlan } => {
  const plan = (weights: WeightPlan) => ({ weights, tiles: planWith(weights) });
  if (!second) return plan(first);
  const possible = ifItFits(() => plan(first));
  if (possible && first.allBytes <= SMALL * memory) return possible;
  const other = plan(second);
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
