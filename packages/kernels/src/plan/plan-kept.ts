import type { MachineRates } from '@ntk-lens/engine';
import { fanIn, outSize, type Stage } from '@ntk-lens/models';
import { chooseKept, type KeptSites, keepingBytes, keptFloats, worthKeeping } from './kept-values.js';
import type { Sweep, TilePlan } from './plan-tiles.js';

/** Tiles, and the values that are kept in them for the backward pass. */
export interface KeptPlan {
  readonly plan: TilePlan;
  readonly kept: KeptSites;
}

/** Plans tiles whose examples take so many bytes more, for each of their tokens, and that leave so much of the budget. */
type PlanWith = (extra: { readonly perToken: number; readonly once: number }) => TilePlan | undefined;

export interface KeptRequest {
  readonly stages: readonly Stage[];
  readonly outputs: number;
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
    const tokens = Math.max(...plan.sweeps.map(tokensOf));
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

/** Seconds of forward and backward passes by their products, and of new pages for what is kept. */
const secondsOf = ({ stages, outputs, rates, tokensOf }: KeptRequest, { plan, kept }: KeptPlan): number => {
  const tokens = plan.sweeps.reduce((sum, sweep) => sum + tokensOf(sweep), 0);
  const most = Math.max(...plan.sweeps.map(tokensOf));
  let flops = 0;
  for (const [index, { sites }] of stages.slice(0, -1).entries())
    for (const site of sites) {
      if (fanIn(site) === 1) continue;
      const again = kept[index]!.includes(site.name) ? 0 : 1;
      flops += 2 * (1 + again + outputs) * fanIn(site) * outSize(site);
    }
  // The memory of one sweep serves for the next.
  return (tokens * flops) / rates.products + (4 * most * keptFloats(stages, kept)) / rates.newPages;
};
