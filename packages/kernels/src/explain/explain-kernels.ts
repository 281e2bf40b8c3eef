import { type GraphCost, type MachineWork, noWork, totalWork } from '@ntk-lens/engine';
import { usedShape } from '@ntk-lens/models';
import { chooseMethod, type Method } from '../contract/choose-method.js';
import { asOne, groupSizes, type Shares } from '../contract/matrix-group.js';
import type { CountedBatch } from '../contract/matrix-shapes.js';
import { pairCount, type Sides } from '../contract/pairs.js';
import { isSymmetric } from '../formulas/formula.js';
import { keptFloats } from '../plan/kept-values.js';
import { kernelBatches } from '../plan/kernel-batches.js';
import type { KernelRequest } from '../request/kernel-request.js';
import { prepareLargeKernels } from '../request/prepare.js';
import { vectorSize } from '../sites/index.js';
import { contractionWork } from './contraction-work.js';
import { formedAgain } from './formed-again.js';
import { type PartPlan, tileBytes } from './part-plan.js';
import { noCost, stageCosts, type TracedStages, tracedStages } from './stage-costs.js';
import { type WeightReads, weightReads } from './weight-reads.js';

/** The cost of contracting one matrix, summed over all tiles. */
export interface SitePlan {
  readonly stage: string;
  readonly parameter: string;
  readonly inSize: number;
  readonly outSize: number;
  /** Tokens per example that have a cotangent: all of them, or only the one that is read out. */
  readonly tokens: 'all' | 'read-out';
  /** The ways in which it is done, that of the most work first: each tile takes its own. */
  readonly methods: readonly Method[];
  readonly flops: number;
}

/** The work of a kernel computation, counted before anything runs. */
export interface KernelPlan {
  readonly examples: {
    readonly train: number;
    readonly queries: number;
    readonly tokens: number;
    readonly padded: number;
  };
  readonly tiles: readonly { readonly rows: number; readonly columns: number; readonly self: boolean }[];
  /** Passes in which they are computed: tiles of one pass share the work on their rows, and all do where these are kept. */
  readonly sweeps: number;
  /** The work sweep by sweep, for processes that share it. */
  readonly parts: readonly PartPlan[];
  /**
   * FLOPs that are computed once for several parts: the factors of the training examples. With `states` one process does so for
   * all, and else each for its own parts, where the factors stay in memory.
   */
  readonly onceFlops: number;
  /** Factors of the training examples that processes share, as files; absent where each computes its own. */
  readonly states?: { readonly bytes: number; readonly shares: number } | undefined;
  /** Estimated peak of the largest sweep, bytes; the budget it was planned for is not exceeded. */
  readonly peakBytes: number;
  readonly weights: WeightReads;
  /** Forward passes that give the states and logits. */
  readonly forward: GraphCost;
  /** Backward passes that give the gradient factors, and what they compute again of the forward pass. */
  readonly factors: GraphCost;
  readonly sites: readonly SitePlan[];
  /** FLOPs of everything else: biases, LayerNorms, positions, word embeddings (expected matches). */
  readonly otherContractionFlops: number;
  readonly totalFlops: number;
  readonly kept: KeptWork;
  /** The work by parts, in units of the machine's rates; `secondsOfWork` of engine forecasts its time. */
  readonly work: Readonly<Record<WorkPart, MachineWork>>;
}

/** Parts of the work: the passes, the products of gradients, and memory that is touched for the first time. */
export type WorkPart = 'forward' | 'factors' | 'contraction' | 'memory';

/** The values that the budget keeps, and the work that is done again for want of others. */
export interface KeptWork {
  /** Sites whose values the forward pass keeps for the backward pass. */
  readonly sites: readonly string[];
  /** Bytes of these values in the largest sweep. */
  readonly bytes: number;
  /** Bytes of the factors of the training examples, where these are computed once and kept for all tiles; else 0. */
  readonly rowBytes: number;
  /** FLOPs that the backward passes need not compute again, since values are kept. */
  readonly savedFlops: number;
  /** FLOPs of the forward pass that the backward passes compute again. */
  readonly againFlops: number;
  /** FLOPs of both passes on examples that an earlier sweep had, too. */
  readonly tileFlops: number;
  /** FLOPs of gradients that an earlier sweep formed, too. */
  readonly formedFlops: number;
}

/** A matrix's batches in a tile. */
interface MatrixBatches {
  readonly sides: { readonly [S in keyof Sides<CountedBatch>]: CountedBatch[] };
  /** Matrices that are contracted together with it, itself among them. */
  readonly together: readonly string[];
  readonly shares: Shares;
}

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
  const again = { savedFlops: 0, againFlops: 0, tileFlops: 0, formedFlops: 0 };
  const contractions: MachineWork[] = [];
  const formedBefore = formedAgain(prepared.examples.length);
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
  const keepsRows = plan.keptRowBytes !== undefined;
  const sharedRows = new Set(states?.shares.map(({ rows }) => rows));
  // Rows that are shared run before everything else.
  const seen = new Set([...sharedRows].flat());
  // The rows run with the first tile of a sweep, and those that are shared with the first of all.
  const starts = new Set(
    (keepsRows ? plan.sweeps.slice(0, 1) : plan.sweeps).flatMap(([tile], i) => {
      const { rows } = tile!;
      const isFirst = plan.sweeps.findIndex(([other]) => other!.rows === rows) === i;
      return isFirst || !sharedRows.has(rows) ? [tile!] : [];
    }),
  );
  let stateBytes = 0;
  for (const planned of plan.tiles) {
    const sweep = plan.sweeps.findIndex((tiles) => tiles.includes(planned));
    const isShared = sharedRows.has(planned.rows);
    const repeatedSoFar = () => again.tileFlops + again.formedFlops;
    const start = { flops: flopsSoFar() - onceFlops, repeated: repeatedSoFar() };
    const batchesOf = (indices: readonly number[]) =>
      kernelBatches(
        indices.map((i) => prepared.examples[i]!.inputIds.length),
        prepared.batchSize,
        request.model.config.maxTokens,
      );
    const [rows, columns] = [batchesOf(planned.rows), batchesOf(planned.columns)];
    const bySide = {
      rows: { examples: planned.rows, batches: rows },
      columns: { examples: planned.columns, batches: columns },
    };
    const matrices = new Map<string, MatrixBatches>();
    for (const [side, batches] of [
      ['rows', rows],
      ['columns', columns],
    ] as const) {
      if (side === 'rows' ? starts.has(planned) : keepsRows) tokensOfSweep = 0;
      for (const { indices, length } of batches) {
        const n = indices.length;
        // The rows of a sweep run once.
        const run = side === 'columns' || starts.has(planned);
        if (run) {
          padded += n * length;
          tokensOfSweep += n * length;
          runs += stages.length;
        }
        const known =
          side === 'rows' && isShared ? 0 : indices.filter((i) => seen.has(planned[side][i]!)).length;
        let state: readonly number[] | undefined;
        for (const [index, stage] of stages.entries()) {
          const c = costs.of(index, n, length, state);
          if (run) {
            if (side === 'rows' && (keepsRows || isShared)) onceFlops += c.forward.flops + c.factors.flops;
            if (side === 'rows' && isShared) stateBytes += 4 * c.factorFloats;
            add(sum.forward, c.forward);
            add(sum.factors, c.factors);
            again.savedFlops += c.saved;
            again.againFlops += c.again;
            again.tileFlops += (known / n) * (c.forward.flops + c.factors.flops);
          }
          for (const { locals, shares, length: seen } of c.groups) {
            const tokens = indices.map((i) => prepared.examples[planned[side][i]!]!.inputIds.length);
            for (const local of locals) {
              const key = `${stage.name}/${local}`;
              const known = matrices.get(key) ?? {
                sides: { rows: [], columns: [] },
                together: locals,
                shares,
              };
              known.sides[side].push({
                outputs,
                n,
                length: seen,
                tokens: seen === length ? tokens : undefined,
              });
              matrices.set(key, known);
            }
          }
          state = c.output;
        }
      }
      most = Math.max(most, tokensOfSweep);
    }
    for (const index of [...planned.rows, ...planned.columns]) seen.add(index);
    const pairs =
      outputs *
      outputs *
      planned.rows.length *
      (planned.columns.length + (planned.self ? planned.rows.length / 2 : 0));
    const counts = { rows: rows.length, columns: columns.length };
    for (const [index, stage] of stages.entries()) {
      const own = active[index]!;
      for (const { local, ref, inSize, outSize } of own.matrices) {
        const key = `${stage.name}/${local}`;
        const batches = matrices.get(key);
        if (!batches) continue;
        const members = own.matrices.filter((other) => batches.together.includes(other.local));
        const together = asOne(groupSizes(batches.shares, members));
        const contraction = { ...batches.sides, size: together };
        const method = chooseMethod(formula, contraction, planned.self, prepared.rates);
        // Grams of tokens contract the whole group at once, of which this matrix has its share; other ways go matrix by matrix.
        const size = method === 'token-gram' ? together : { inSize, outSize };
        const share = batches.shares === 'activations' ? outSize / size.outSize : inSize / size.inSize;
        const { work, flops } = contractionWork(formula, { ...contraction, size }, planned.self, method);
        contractions.push(scaled(work, share));
        if (method === 'gradient')
          again.formedFlops +=
            2 * outputs * formedBefore(sweep, key, bySide, batches.sides) * inSize * outSize;
        const done = ways.get(key) ?? new Map<Method, number>();
        ways.set(key, done.set(method, (done.get(method) ?? 0) + share * flops));
        sites.set(key, {
          stage: stage.name,
          parameter: ref.name,
          inSize,
          outSize,
          tokens: batches.sides.rows.every(({ length }) => length === (stage.reads ?? 1))
            ? 'read-out'
            : 'all',
          methods: byWork(done),
          flops: (sites.get(key)?.flops ?? 0) + share * flops,
        });
      }
      for (const vector of own.vectors) other += 2 * pairs * vectorSize(vector, padTo);
      // One run for the vectors of a stage.
      if (own.vectors.length > 0) otherRuns += pairCount(counts, { self: planned.self, symmetric });
      // Two prompted examples share the template's tokens and a few others.
      for (const { ref } of own.rows) other += 2 * pairs * 12 * (usedShape(ref)[1] ?? 1);
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
    },
    work: {
      forward: workOf(sum.forward, runs, costs.count()),
      factors: workOf(sum.factors, runs, costs.count()),
      contraction: totalWork([...contractions, { ...noWork, thinProducts: other, runs: otherRuns }]),
      memory: { ...noWork, newPages: plan.exampleBytes + 4 * most * floats },
    },
  };
};

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

const scaled = (work: MachineWork, share: number): MachineWork =>
  Object.fromEntries(Object.entries(work).map(([name, amount]) => [name, share * amount])) as MachineWork;
