import { type LanguageModel, storedBytesOf } from '@ntk-lens/models';
import type { WeightPlan } from '../plan/plan-weights.js';
import type { PreparedKernels } from '../request/prepare.js';

/** The way in which weights come into memory, and the bytes that are read for it. */
export interface WeightReads extends WeightPlan {
  /** Times that each stage is read: twice for every sweep where weights are streamed. */
  readonly reads: number;
  /** Stored bytes that are read when each stage is read once. */
  readonly readBytes: number;
}

export const weightReads = (
  model: LanguageModel,
  { stages, weights, plan, formula }: PreparedKernels,
): WeightReads => {
  // Forward and backward for each sweep, and for each panel of rows where a formula looks at the examples beforehand.
  const panels = formula.prepare ? plan.tiles.filter(({ self }) => self).length : 0;
  const reads = weights.streamed ? 2 * (plan.sweeps.length + panels) : 1;
  return { ...weights, reads, readBytes: storedBytesOf(model, stages) };
};
