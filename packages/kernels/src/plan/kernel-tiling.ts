import type { MachineRates } from '@ntk-lens/engine';
import type { KeptSites } from './kept-values.js';
import type { StatesPlan } from './plan-states.js';
import type { WeightPlan } from './plan-weights.js';
import type { TilePlan } from './tile-plan.js';

/** The way in which a kernel is cut into tiles, for one memory budget and one machine. */
export interface KernelTiling {
  /** Tokens of every example, and the number of training examples, that it is for. */
  readonly lengths: readonly number[];
  readonly train: number;
  readonly weights: WeightPlan;
  readonly plan: TilePlan;
  /** Values of sites that the forward pass keeps for the backward pass. */
  readonly kept: KeptSites;
  readonly rates: MachineRates;
  /** Factors of the training examples that processes share; absent where each computes its own. */
  readonly states?: StatesPlan | undefined;
}
