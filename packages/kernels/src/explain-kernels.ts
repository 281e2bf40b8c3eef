import { countWork, type Graph, type GraphCost, trace } from '@ntk-lens/engine';
import {
  firstPosition,
  forwardStage,
  type LanguageModel,
  mapNamed,
  plannedShapes,
  storedBytesOf,
  usedShape,
} from '@ntk-lens/models';
import { chooseMethod, type Method, methodCosts } from './contract/choose-method.js';
import type { CountedBatch } from './contract/matrix-shapes.js';
import type { Sides } from './contract/pairs.js';
import { allActive } from './factors/active-parameters.js';
import { factorProgram, factorsWanted } from './factors/stage-factors.js';
import { kernelCount } from './formulas/formula.js';
import { kernelBatches } from './plan/kernel-batches.js';
import type { WeightPlan } from './plan/plan-weights.js';
import type { KernelRequest } from './request/kernel-request.js';
import { type PreparedKernels, prepareKernels } from './request/prepare.js';
import { vectorSize } from './sites/index.js';

/** The cost of contracting one matrix, and the way it is done, summed over all tiles. */
export interface SitePlan {
  readonly stage: string;
  readonly parameter: string;
  readonly inSize: number;
  readonly outSize: number;
  /** Tokens per example that have a cotangent: all of them, or only the one that is read out. */
  readonly tokens: 'all' | 'read-out';
  readonly method: Method;
  readonly flops: number;
}

/** The way in which weights come into memory, and the bytes that are read for it. */
export interface WeightReads extends WeightPlan {
  /** Times that each stage is read: twice for every tile where weights are streamed. */
  readonly reads: number;
  /** Stored bytes that are read when each stage is read once. */
  readonly readBytes: number;
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
  /** Estimated peak of the largest tile, bytes; the budget it was planned for is not exceeded. */
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
}

/** Parameters of a stage's matrices that read the same activations, and how many tokens of each example those are. */
interface ReadCost {
  readonly locals: readonly string[];
  readonly length: number;
}

interface StageCost {
  readonly forward: GraphCost;
  readonly factors: GraphCost;
  readonly output: readonly number[];
  readonly reads: readonly ReadCost[];
}

/** A matrix's batches in a tile. */
interface MatrixBatches {
  readonly sides: { readonly [S in keyof Sides<CountedBatch>]: CountedBatch[] };
  /** Matrices that are contracted together with it, itself among them. */
  together: readonly string[];
}

/**
 * Plans a kernel computation and counts its work, without a runtime and without reading weights.
 *
 * @example
 * ```ts
 * const plan = explainKernels({ model, formula: 'sgd', labelWordIds, train, queries: { test } });
 * plan.totalFlops / 1e12; // TFLOP
 * ```
 */
export const explainKernels = (request: Omit<KernelRequest, 'runtime'>): KernelPlan => {
  const prepared = prepareKernels(request);
  const cost = stageCosts(prepared);
  const { stages, active, formula, logitWeights, padTo, plan } = prepared;
  const outputs = logitWeights.length;
  const sum = { forward: noWork(), factors: noWork() };
  const sites = new Map<string, SitePlan>();
  let other = 0;
  let padded = 0;
  for (const planned of plan.tiles) {
    const batchesOf = (indices: readonly number[]) =>
      kernelBatches(
        indices.map((i) => prepared.examples[i]!.inputIds.length),
        prepared.batchSize,
        request.model.config.maxTokens,
      );
    const [rows, columns] = [batchesOf(planned.rows), batchesOf(planned.columns)];
    const matrices = new Map<string, MatrixBatches>();
    for (const [side, batches] of [
      ['rows', rows],
      ['columns', columns],
    ] as const) {
      for (const { indices, length } of batches) {
        const n = indices.length;
        padded += n * length;
        let state: readonly number[] | undefined;
        for (const [index, stage] of stages.entries()) {
          const c = cost(index, n, length, state);
          add(sum.forward, c.forward);
          add(sum.factors, c.factors);
          for (const { locals, length: seen } of c.reads) {
            const tokens = indices.map((i) => prepared.examples[planned[side][i]!]!.inputIds.length);
            for (const local of locals) {
              const key = `${stage.name}/${local}`;
              const known = matrices.get(key) ?? { sides: { rows: [], columns: [] }, together: locals };
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
    }
    const pairs =
      outputs *
      outputs *
      planned.rows.length *
      (planned.columns.length + (planned.self ? planned.rows.length / 2 : 0));
    for (const [index, stage] of stages.entries()) {
      const own = active[index]!;
      for (const { local, ref, inSize, outSize } of own.matrices) {
        const key = `${stage.name}/${local}`;
        const batches = matrices.get(key);
        if (!batches) continue;
        const together = own.matrices
          .filter((other) => batches.together.includes(other.local))
          .reduce((total, other) => total + other.outSize, 0);
        const contraction = { ...batches.sides, size: { inSize, outSize: together } };
        const method = chooseMethod(formula, contraction, planned.self, prepared.rates);
        const multiplied = methodCosts(contraction, planned.self)[method] * kernelCount(formula);
        const flops = (2 * outSize * multiplied) / together;
        sites.set(key, {
          stage: stage.name,
          parameter: ref.name,
          inSize,
          outSize,
          tokens: batches.sides.rows.every(({ length }) => length === (stage.reads ?? 1))
            ? 'read-out'
            : 'all',
          method,
          flops: (sites.get(key)?.flops ?? 0) + flops,
        });
      }
      for (const vector of own.vectors) other += 2 * pairs * vectorSize(vector, padTo);
      // Two prompted examples share the template's tokens and a few others.
      for (const { ref } of own.rows) other += 2 * pairs * 12 * (usedShape(ref)[1] ?? 1);
    }
  }
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
    peakBytes: plan.peakBytes,
    weights: weightReads(request.model, prepared),
    ...sum,
    sites: [...sites.values()],
    otherContractionFlops: other,
    totalFlops: sum.forward.flops + sum.factors.flops + contraction,
  };
};

const weightReads = (
  model: LanguageModel,
  { stages, weights, plan, formula }: PreparedKernels,
): WeightReads => {
  // Forward and backward for each tile, and for each panel of rows where a formula looks at the examples beforehand.
  const panels = formula.prepare ? plan.tiles.filter(({ self }) => self).length : 0;
  const reads = weights.streamed ? 2 * (plan.tiles.length + panels) : 1;
  return { ...weights, reads, readBytes: storedBytesOf(model, stages) };
};

/** Costs of each stage for a batch, by tracing its programs; equal stages are traced once per shape. */
const stageCosts = (prepared: PreparedKernels) => {
  const known = new Map<string, StageCost>();
  const { stages, active, padTo, kept } = prepared;
  const lengths = { padTo, firstPosition: firstPosition(prepared.config) };
  return (index: number, n: number, length: number, input: readonly number[] | undefined): StageCost => {
    const [stage, own] = [stages[index]!, active[index]!];
    const key = JSON.stringify([stage.identity, own.identity, kept[index], n, length, input]);
    const found = known.get(key);
    if (found) return found;
    const logitWeights = index === stages.length - 1 ? prepared.logitWeights : undefined;
    const shapes = plannedShapes(stage, n, length, input);
    const program = forwardStage({ stage, shapes, keep: kept[index] ?? [], logitWeights });
    const forward = trace(program.flat);
    const { y, kept: keeps } = program.results;
    const output = shapeOf(forward, y);
    const common = { forward: countWork(forward), output };
    const made =
      // The first stage is not run backwards for nothing.
      index === 0 && allActive(own).length === 0
        ? { ...common, factors: noWork(), reads: [] }
        : { ...common, ...factorCost() };
    known.set(key, made);
    return made;

    function factorCost(): Pick<StageCost, 'factors' | 'reads'> {
      const backward = factorProgram({
        ...{ stage, shapes, active: own, lengths, logitWeights },
        wanted: factorsWanted(own),
        kept: mapNamed(keeps, (name) => shapeOf(forward, name)),
        above: logitWeights ? [] : prepared.logitWeights.map(() => output),
      });
      const factors = trace(backward.flat);
      const reads = backward.results.taken.reads.map(({ activations, cotangents }) => ({
        locals: Object.keys(cotangents),
        length: shapeOf(factors, activations)[1] ?? 1,
      }));
      return { factors: countWork(factors), reads };
    }
  };
};

const shapeOf = (graph: Graph, output: string): readonly number[] => {
  const id = graph.results.get(output);
  if (id === undefined) throw new Error(`The program has no output ${output}.`);
  return graph.node(id).shape;
};

type Sum = { -readonly [K in keyof GraphCost]: number };

const noWork = (): Sum => ({ flops: 0, thinFlops: 0, bytes: 0, productBytes: 0 });

const add = (sum: Sum, cost: GraphCost): void => {
  for (const name of Object.keys(sum) as (keyof Sum)[]) sum[name] += cost[name];
};
