import type { MachineRates } from '@ntk-lens/engine';
import { chooseKept, type KeptSites, keepingBytes, keptFloats, worthKeeping } from './kept-values.js';
import type { Sweep, TilePlan } from './plan-tiles.js';
import { formingFlops, passFlops, type TokenModel } from './token-products.js';

/** Tiles, and the values that are kept in them for the backward pass. */
export interface KeptPlan {
  readonly plan: TilePlan;
  readonly kept: KeptSites;
}

/** Plans tiles whose examples take so many bytes more, for each of their tokens, and that leave so much of the budget. */
type PlanWith = (extra: { readonly perToken: number; readonly once: number }) => TilePlan | undefined;

export interface KeptRequest extends TokenModel {
  readonly memory: number;
  readonly rates: MachineRates;
  /** Tokens of a sweep's examples, padded. */
  readonly tokensOf: (sweep: Sweep) => number;
}

/**
 * Chooses what is kept. Large sweeps have few examples that run in several of them, and small ones have room for values, which
 * then are not computed again. If all examples fit into one tile, it keeps what it has room for. Otherwise the plan is that
 * which takes the least time by the machine's rates.
 *
 * @param whole tiles that are planned as if nothing were kept
 */
export const planKept = (request: KeptRequest, whole: TilePlan, planWith: PlanWith): KeptPlan => {
  const { stages, outputs, memory, rates, tokensOf } = request;
  const keep = (plan: TilePlan): KeptPlan => {
    const tokens = largest(plan.sweeps.map(tokensOf));
    return { plan, kept: chooseKept(stages, tokens, memory - plan.peakBytes, outputs, rates) };
  };
  let best = keep(whole);
  if (whole.tiles.length === 1) return best;
  const worth = worthKeeping(stages, rates);
  for (let count = 1; count <= worth.length; count++) {
    const plan = planWith(keepingBytes(stages, worth.slice(0, count), outputs));
    const other = plan && keep(plan);
    if (other && secondsOf(request, other) < secondsOf(request, best)) best = other;
  }
  return best;
};

/** Seconds of forward and backward passes and of gradients by their products, and of new pages for what is kept. */
const secondsOf = (request: KeptRequest, { plan, kept }: KeptPlan): number => {
  const { stages, rates, tokensOf } = request;
  const tokens = plan.sweeps.map(tokensOf);
  const passes = total(tokens) * passFlops(request, (stage, site) => kept[stage]!.includes(site));
  const forming = total(plan.tiles.map((tile) => tokensOf([tile]))) * formingFlops(request);
  // The memory of one sweep serves for the next.
  const pages = 4 * largest(tokens) * keptFloats(stages, kept);
  return passes / rates.products + forming / rates.thinProducts + pages / rates.newPages;
};

/** Kernels have more tiles than a call has arguments. */
const largest = (numbers: readonly number[]): number => numbers.reduce((most, x) => Math.max(most, x), 0);

const total = (numbers: readonly number[]): number => numbers.reduce((sum, x) => sum + x, 0);
