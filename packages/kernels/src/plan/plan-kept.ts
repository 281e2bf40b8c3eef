import type { MachineRates } from '@ntk-lens/engine';
import {
  chooseKept,
  floatsOf,
  type KeptSites,
  keepingBytes,
  keptFloats,
  type ReadingStages,
  worthKeeping,
} from './kept-values.js';
import type { ExtraBytes, TilePlan } from './tile-plan.js';
import { formingFlops, passFlops, type TokenModel } from './token-products.js';

/**
 * Bytes of new pages that take as long as a byte of states which a sweep reads: into memory, to be hashed, and into tensors. As
 * measured on Zen 3: 2.7 s of processor time for a GB, and 0.43 s for one of new pages.
 */
const READING_PAGES = 6;

/** Tiles, and the values that are kept in them for the backward pass. */
export interface KeptPlan {
  readonly plan: TilePlan;
  readonly kept: KeptSites;
}

/**
 * Plans of tiles, as far as there are any, whose examples take so many bytes more for each of their tokens, and that leave so
 * much of the budget.
 */
type PlansWith = (extra?: ExtraBytes) => readonly (TilePlan | undefined)[];

export interface KeptRequest extends TokenModel, ReadingStages {
  readonly memory: number;
  readonly rates: MachineRates;
  /** Tokens of examples in batches, padded. */
  readonly padded: (examples: readonly number[]) => number;
  /** Bytes of the factors of a training token, where processes share them: rows then run once for all of their sweeps. */
  readonly sharedPerToken: number | undefined;
}

/**
 * Chooses what is kept. Large sweeps have few examples that run in several of them, and small ones have room for values, which
 * then are not computed again. If all examples fit into one tile with everything that is worth it, that is the plan. Otherwise
 * it is the one which takes the least time by the machine's rates.
 *
 * @param whole tiles that are planned as if nothing were kept
 */
export const planKept = (request: KeptRequest, whole: TilePlan, plansWith: PlansWith): KeptPlan => {
  const { stages, outputs, memory, rates } = request;
  const worth = worthKeeping(request, rates);
  const keep = (plan: TilePlan) => {
    const tokens = tokensAtOnce(request, plan);
    const room = memory - plan.peakBytes;
    return { plan, tokens, kept: chooseKept(request, largest(tokens), room, outputs, rates, worth) };
  };
  let best = keep(whole);
  if (whole.tiles.length === 1 && keptFloats(stages, best.kept) === floatsOf(worth)) return best;
  let least = secondsOf(request, best);
  for (let count = 0; count <= worth.length; count++) {
    const extra = count > 0 ? keepingBytes(stages, worth.slice(0, count), outputs) : undefined;
    for (const plan of plansWith(extra)) {
      if (!plan) continue;
      const other = keep(plan);
      const seconds = secondsOf(request, other);
      if (seconds < least) [best, least] = [other, seconds];
    }
  }
  return best;
};

/** Tokens of the examples that are in memory with all their states, for every run through the model. */
const tokensAtOnce = ({ padded }: KeptRequest, { sweeps, keptRowBytes }: TilePlan): number[] => {
  const columns = sweeps.map((sweep) => total(sweep.map((tile) => padded(tile.columns))));
  const rows = sweeps.map(([tile]) => padded(tile!.rows));
  return keptRowBytes === undefined
    ? columns.map((tokens, i) => rows[i]! + tokens)
    : [largest(rows), ...columns];
};

/** Tokens of rows in sweeps behind the first one that has these rows. */
const tokensOfRowsAgain = ({ padded }: KeptRequest, { sweeps }: TilePlan): number => {
  const seen = new Set<readonly number[]>();
  return total(
    sweeps.map(([tile]) => {
      const { rows } = tile!;
      const isAgain = seen.has(rows);
      seen.add(rows);
      return isAgain ? padded(rows) : 0;
    }),
  );
};

/**
 * Seconds of forward and backward passes and of gradients by their products, and of new pages for what is kept.
 *
 * @param tokens those of {@link tokensAtOnce}
 */
const secondsOf = (
  request: KeptRequest,
  { plan, kept, tokens }: KeptPlan & { readonly tokens: readonly number[] },
): number => {
  const { stages, read: readBy, rates, padded } = request;
  const isAgain = (stage: number, site: string) => readBy(stage).has(site) && !kept[stage]!.includes(site);
  const isShared = request.sharedPerToken !== undefined && plan.keptRowBytes === undefined;
  const run = total(tokens) - (isShared ? tokensOfRowsAgain(request, plan) : 0);
  const passes = run * passFlops(request, isAgain);
  const forming = formingFlops(request);
  const formed =
    forming > 0 ? total(plan.tiles.map(({ rows, columns }) => padded(rows) + padded(columns))) : 0;
  const rowTokens = isShared ? total(plan.sweeps.map(([tile]) => padded(tile!.rows))) : 0;
  const read = READING_PAGES * rowTokens * (request.sharedPerToken ?? 0);
  // The memory of one sweep serves for the next.
  const pages = read + (plan.keptRowBytes ?? 0) + 4 * largest(tokens) * keptFloats(stages, kept);
  return passes / rates.products + (formed * forming) / rates.thinProducts + pages / rates.newPages;
};

/** Kernels have more tiles than a call has arguments. */
const largest = (numbers: readonly number[]): number => numbers.reduce((most, x) => Math.max(most, x), 0);

const total = (numbers: readonly number[]): number => numbers.reduce((sum, x) => sum + x, 0);
