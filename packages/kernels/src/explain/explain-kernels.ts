import { type GraphCost, type MachineWork, noWork, totalWork } from '@ntk-lens/engine';
import { usedShape } from '@ntk-lens/models';
import type { Method } from '../contract/choose-method.js';
import { besideEachOther } from '../contract/group-batches.js';
import { pairCount } from '../contract/pairs.js';
import { isSymmetric } from '../formulas/formula.js';
import { keptFloats } from '../plan/kept-values.js';
import { type PanelBatches, panelBatches } from '../plan/panel-batches.js';
import type { PlannedTile, TilePlan } from '../plan/tile-plan.js';
import type { KernelRequest } from '../request/kernel-request.js';
import { prepareLargeKernels } from '../request/prepare.js';
import { vectorSize } from '../sites/index.js';
import { formedAgain } from './formed-again.js';
import type { KernelPlan, SitePlan } from './kernel-plan.js';
import { tileBytes } from './part-plan.js';
import { noCost, type StageCost, stageCosts, type TracedStages, tracedStages } from './stage-costs.js';
import { tileContractions } from './tile-contractions.js';
import { weightReads } from './weight-reads.js';

/**
 * Plans a kernel computation and counts its work, without a runtime and without reading weights.
 *
 * @example
 * ```ts
 * const plan = explainKernels({ model, formula: 'sgd', labelWordIds, train, queries: { test } });
 * plan.totalFlops / 1e12; // TFLOP
 * ```
 * @param traced costs that other plans traced, to which those of this one are added
 */
export const explainKernels = (
  request: Omit<KernelRequest, 'runtime'>,
  traced: TracedStages = tracedStages(),
): KernelPlan => {
  const prepared = prepareLargeKernels(request);
  const costs = stageCosts(prepared, traced);
  const { stages, active, formula, logitWeights, padTo, plan, kept, states } = prepared;
  const outputs = logitWeights.length;
  const sum: { forward: Sum; factors: Sum } = { forward: { ...noCost }, factors: { ...noCost } };
  const again = { tileFlops: 0, formedFlops: 0 };
  /** Number of runs of every stage, for a batch of one shape each. */
  const ran = new Map<StageCost, number>();
  const contractions: MachineWork[] = [];
  const contractionsOf = tileContractions(prepared, costs);
  const formedBefore = formedAgain(prepared.examples.length);
  const batchesOf = panelBatches(
    prepared.examples.map(({ inputIds }) => inputIds.length),
    prepared.batchSize,
    request.model.config.maxTokens,
  );
  let [tokensOfSweep, most] = [0, 0];
  let runs = 0;
  const sites = new Map<string, SitePlan>();
  const ways = new Map<string, Map<Method, number>>();
  let other = 0;
  let otherRuns = 0;
  const symmetric = isSymmetric(formula);
  let padded = 0;
  const parts = plan.sweeps.map(() => ({ flops: 0, repeatedFlops: 0, bytes: 0 }));
  let onceFlops = 0;
  const flopsSoFar = () =>
    [...sites.values()].reduce(
      (all, { flops }) => all + flops,
      sum.forward.flops + sum.factors.flops + other,
    );
  const repeatedSoFar = () => again.tileFlops + again.formedFlops;
  const keepsRows = plan.keptRowBytes !== undefined;
  const sharedRows = new Set(states?.shares.map(({ rows }) => rows));
  // Rows that are shared run before everything else.
  const seen = new Set([...sharedRows].flat());
  const starts = tilesThatRunRows(plan, sharedRows);
  let stateBytes = 0;
  for (const [sweep, planned] of plan.sweeps.flatMap((tiles, i) => tiles.map((tile) => [i, tile] as const))) {
    const isShared = sharedRows.has(planned.rows);
    const start = { flops: flopsSoFar() - onceFlops, repeated: repeatedSoFar() };
    const panels = { rows: batchesOf(planned.rows), columns: batchesOf(planned.columns), self: planned.self };
    for (const side of ['rows', 'columns'] as const) {
      if (side === 'rows' ? starts.has(planned) : keepsRows) tokensOfSweep = 0;
      // The rows of a sweep run once.
      if (side === 'columns' || starts.has(planned))
        for (const { indices, length } of panels[side].batches) {
          const n = indices.length;
          padded += n * length;
          tokensOfSweep += n * length;
          runs += stages.length;
          const known =
            side === 'rows' && isShared ? 0 : indices.filter((i) => seen.has(planned[side][i]!)).length;
          for (const c of costs.of(n, length)) {
            if (side === 'rows' && (keepsRows || isShared)) onceFlops += c.forward.flops + c.factors.flops;
            if (side === 'rows' && isShared) stateBytes += 4 * c.factorFloats;
            add(sum.forward, c.forward);
            add(sum.factors, c.factors);
            ran.set(c, (ran.get(c) ?? 0) + 1);
            again.tileFlops += (known / n) * (c.forward.flops + c.factors.flops);
          }
        }
      most = Math.max(most, tokensOfSweep);
    }
    const bySide = {
      rows: { examples: planned.rows, batches: panels.rows.batches },
      columns: { examples: planned.columns, batches: panels.columns.batches },
    };
    for (const index of planned.rows) seen.add(index);
    for (const index of planned.columns) seen.add(index);
    const pairs =
      outputs *
      outputs *
      planned.rows.length *
      (planned.columns.length + (planned.self ? planned.rows.length / 2 : 0));
    const joined = ({ batches }: PanelBatches) =>
      besideEachOther(batches, ({ indices }) => outputs * indices.length).length;
    const counts = { rows: joined(panels.rows), columns: joined(panels.columns) };
    for (const [index, ofStage] of contractionsOf(panels).entries()) {
      for (const { key, stage, parameter, inSize, outSize, isReadOut, sides, method, ...own } of ofStage) {
        contractions.push(own.work);
        if (method === 'gradient')
          again.formedFlops += 2 * outputs * formedBefore(sweep, key, bySide, sides) * inSize * outSize;
        const done = ways.get(key) ?? new Map<Method, number>();
        ways.set(key, done.set(method, (done.get(method) ?? 0) + own.flops));
        sites.set(key, {
          ...{ stage, parameter, inSize, outSize },
          tokens: isReadOut ? 'read-out' : 'all',
          methods: byWork(done),
          flops: (sites.get(key)?.flops ?? 0) + own.flops,
        });
      }
      const { vectors, rows } = active[index]!;
      for (const vector of vectors) other += 2 * pairs * vectorSize(vector, padTo);
      // The vectors of a stage are multiplied together.
      if (vectors.length > 0) otherRuns += pairCount(counts, { self: planned.self, symmetric });
      // Two prompted examples share the template's tokens and a few others.
      for (const { ref } of rows) other += 2 * pairs * 12 * (usedShape(ref)[1] ?? 1);
    }
    const part = parts[sweep]!;
    part.flops += flopsSoFar() - onceFlops - start.flops;
    part.repeatedFlops += repeatedSoFar() - start.repeated;
    part.bytes += tileBytes(planned, outputs, symmetric);
  }
  const floats = keptFloats(stages, kept);
  const contraction = [...sites.values()].reduce((total, { flops }) => total + flops, other);
  return {
    examples: {
      train: request.train.length,
      queries: prepared.examples.length - request.train.length,
      tokens: prepared.examples.reduce((total, { inputIds }) => total + inputIds.length, 0),
      padded,
    },
    tiles: plan.tiles.map(({ rows, columns, self }) => ({
      rows: rows.length,
      columns: columns.length,
      self,
    })),
    sweeps: plan.sweeps.length,
    ...{ parts, onceFlops },
    states: states && { bytes: stateBytes, shares: states.shares.length },
    peakBytes: plan.peakBytes,
    weights: weightReads(request.model, prepared),
    ...sum,
    sites: [...sites.values()],
    otherContractionFlops: other,
    totalFlops: sum.forward.flops + sum.factors.flops + contraction,
    kept: {
      sites: [...new Set(kept.flat())],
      bytes: 4 * most * floats,
      rowBytes: plan.keptRowBytes ?? 0,
      ...again,
      get savedFlops() {
        return keepingOf(ran, 'saved');
      },
      get againFlops() {
        return keepingOf(ran, 'again');
      },
    },
    work: {
      forward: workOf(sum.forward, runs, costs.count()),
      factors: workOf(sum.factors, runs, costs.count()),
      contraction: totalWork([...contractions, { ...noWork, thinProducts: other, runs: otherRuns }]),
      memory: { ...noWork, newPages: plan.exampleBytes + 4 * most * floats },
    },
  };
};

/**
 * The tiles whose rows run before them: those of a sweep do so with its first tile. Rows that stay, and those that processes
 * share, run with the first tile of all.
 */
const tilesThatRunRows = (
  { sweeps, keptRowBytes }: TilePlan,
  sharedRows: ReadonlySet<readonly number[]>,
): ReadonlySet<PlannedTile> => {
  const before = new Set<readonly number[]>();
  const starting = (keptRowBytes === undefined ? sweeps : sweeps.slice(0, 1)).flatMap(([tile]) => {
    const { rows } = tile!;
    const isAgain = before.has(rows);
    before.add(rows);
    return isAgain && sharedRows.has(rows) ? [] : [tile!];
  });
  return new Set(starting);
};

/** FLOPs that keeping values changes, in all runs of stages. */
const keepingOf = (ran: ReadonlyMap<StageCost, number>, name: 'again' | 'saved'): number =>
  [...ran].reduce((sum, [stage, runs]) => sum + runs * stage.keeping()[name], 0);

/** Ways of a contraction, that of the most FLOPs first. */
const byWork = (done: ReadonlyMap<Method, number>): Method[] =>
  [...done].sort(([, x], [, y]) => y - x).map(([method]) => method);

type Sum = { -readonly [K in keyof GraphCost]: number };

const add = (sum: Sum, cost: GraphCost): void => {
  for (const name of Object.keys(sum) as (keyof Sum)[]) sum[name] += cost[name];
};

/** Passes over activations are all that is no product. */
const workOf = (
  { flops, thinFlops, bytes, productBytes }: GraphCost,
  runs: number,
  programs: number,
): MachineWork => ({
  ...noWork,
  ...{ products: flops - thinFlops, thinProducts: thinFlops, passes: bytes - productBytes, runs, programs },
});
