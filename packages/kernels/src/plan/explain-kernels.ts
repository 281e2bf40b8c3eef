import { type Graph, trace } from '@ntk-lens/engine';
import { stageFunction } from '@ntk-lens/models';
import { chooseMethod, type Method, methodCosts } from '../contract/choose-method.js';
import type { FactorShape } from '../contract/gram-programs.js';
import { activationOutputs, factorProgram, forwardProgram, vectorSize } from '../factors/stage-programs.js';
import type { KernelRequest } from '../kernel-request.js';
import { type PreparedKernels, prepareKernels } from '../prepare.js';
import { countFlops, type GraphCost } from './count-flops.js';
import { kernelBatches } from './kernel-batches.js';
import { siteSize } from './site-size.js';

/** How one linear site is contracted, summed over all passes. */
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

/** What a kernel computation will do, counted before anything runs. */
export interface KernelPlan {
  readonly examples: {
    readonly train: number;
    readonly queries: number;
    readonly tokens: number;
    readonly padded: number;
  };
  readonly passes: readonly { readonly rows: number; readonly columns: number; readonly self: boolean }[];
  /** Estimated peak of the largest pass, bytes; the budget it was planned for is not exceeded. */
  readonly peakBytes: number;
  readonly weightBytes: number;
  /** Forward passes that give the states and logits. */
  readonly forward: GraphCost;
  /** Backward passes that give the gradient factors, and what they compute again of the forward pass. */
  readonly factors: GraphCost;
  readonly sites: readonly SitePlan[];
  /** FLOPs of everything that linear sites do not: biases, LayerNorms, positions, word embeddings (expected matches). */
  readonly otherContractionFlops: number;
  readonly totalFlops: number;
}

interface StageCost {
  readonly forward: GraphCost;
  readonly factors: GraphCost;
  readonly output: readonly number[];
  /** Tokens of every linear site's factors. */
  readonly lengths: ReadonlyMap<string, number>;
  /** What every linear site reads; the same for sites that read the same. */
  readonly activations: ReadonlyMap<string, string>;
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
  const cost = stageCosts(request, prepared);
  const { stages, active, readouts, padTo, plan } = prepared;
  const outputs = readouts.length;
  const sum = { forward: { flops: 0, bytes: 0 }, factors: { flops: 0, bytes: 0 } };
  const sites = new Map<string, SitePlan>();
  let other = 0;
  let padded = 0;
  for (const pass of plan.passes) {
    const batchesOf = (indices: readonly number[]) =>
      kernelBatches(
        indices.map((i) => prepared.examples[i]!.inputIds.length),
        prepared.batchSize,
        request.model.config.maxTokens,
      );
    const [rows, columns] = [batchesOf(pass.rows), batchesOf(pass.columns)];
    const lengthsOf: { rows: Map<string, FactorShape[]>; columns: Map<string, FactorShape[]> } = {
      rows: new Map(),
      columns: new Map(),
    };
    /** What every site reads: sites that read the same are contracted together. */
    const reads = new Map<string, string>();
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
          for (const site of active[index]!.linear) {
            const key = `${stage.name}/${site.name}`;
            const shapes = lengthsOf[side].get(key) ?? [];
            const seen = c.lengths.get(site.name)!;
            const tokens = indices.map((i) => prepared.examples[pass[side][i]!]!.inputIds.length);
            shapes.push({ outputs, n, length: seen, ...(seen === length && { tokens }) });
            lengthsOf[side].set(key, shapes);
            reads.set(key, `${stage.name}/${c.activations.get(site.name)}`);
          }
          state = c.output;
        }
      }
    }
    const pairs =
      outputs * outputs * pass.rows.length * (pass.columns.length + (pass.self ? pass.rows.length / 2 : 0));
    for (const [index, stage] of stages.entries()) {
      for (const site of active[index]!.linear) {
        const key = `${stage.name}/${site.name}`;
        const { inSize, outSize } = siteSize(site);
        const together = active[index]!.linear.filter(
          (other) => reads.get(`${stage.name}/${other.name}`) === reads.get(key),
        ).reduce((total, other) => total + siteSize(other).outSize, 0);
        const contraction = {
          formula: request.formula,
          inSize,
          outSize: together,
          rows: lengthsOf.rows.get(key)!,
          columns: lengthsOf.columns.get(key) ?? [],
        };
        const method = chooseMethod(contraction, pass.self);
        const share = outSize / together;
        const flops =
          2 * share * methodCosts(contraction, pass.self)[method] * (request.formula === 'a-signgd' ? 2 : 1);
        const known = sites.get(key);
        const single = lengthsOf.rows.get(key)!.every(({ length }) => length === 1);
        sites.set(key, {
          stage: stage.name,
          parameter: site.weight.name,
          inSize,
          outSize,
          tokens: single ? 'read-out' : 'all',
          method,
          flops: (known?.flops ?? 0) + flops,
        });
      }
      for (const vector of active[index]!.vectors) other += 2 * pairs * vectorSize(vector, padTo);
      // Two prompted examples share the template's tokens and a few others.
      for (const site of active[index]!.tables) other += 2 * pairs * 12 * site.table.shape[1]!;
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
    passes: plan.passes.map(({ rows, columns, self }) => ({
      rows: rows.length,
      columns: columns.length,
      self,
    })),
    peakBytes: plan.peakBytes,
    weightBytes: prepared.memory.weightBytes,
    ...sum,
    sites: [...sites.values()],
    otherContractionFlops: other,
    totalFlops: sum.forward.flops + sum.factors.flops + contraction,
  };
};

/** Costs of each stage for a batch, by tracing its programs; equal stages are traced once per shape. */
const stageCosts = (request: Omit<KernelRequest, 'runtime'>, prepared: PreparedKernels) => {
  const known = new Map<string, StageCost>();
  const { stages, active, readouts, padTo, kept } = prepared;
  return (index: number, n: number, length: number, input: readonly number[] | undefined): StageCost => {
    const stage = stages[index]!;
    const fn = stageFunction(request.model.config, stage);
    const key = JSON.stringify([fn, active[index]!.linear.map((s) => s.name), n, length, input]);
    const found = known.get(key);
    if (found) return found;
    const isHead = index === stages.length - 1;
    const dims = { stageFunction: fn, n, length, readouts, ...(input && { input }) };
    const forward = trace(forwardProgram(stage, dims, isHead, kept[index]));
    const output = shapeOf(forward, 'y');
    const { linear, vectors, tables } = active[index]!;
    // The first stage is not run backwards for nothing.
    const idle = !input && linear.length + vectors.length + tables.length === 0;
    const keptShapes = Object.fromEntries(kept[index]!.map((site) => [site, shapeOf(forward, `r:${site}`)]));
    const factors = idle
      ? undefined
      : trace(factorProgram(stage, dims, active[index]!, isHead, output, padTo, keptShapes));
    const activations = activationOutputs(factors?.outputs.keys() ?? []);
    const lengths = new Map([...activations].map(([site, a]) => [site, shapeOf(factors!, a)[1]!]));
    const cost = factors ? countFlops(factors) : { flops: 0, bytes: 0 };
    const made = { forward: countFlops(forward), factors: cost, output, lengths, activations };
    known.set(key, made);
    return made;
  };
};

const shapeOf = (graph: Graph, output: string): readonly number[] =>
  graph.node(graph.outputs.get(output)!).shape;

const add = (sum: { flops: number; bytes: number }, cost: GraphCost): void => {
  sum.flops += cost.flops;
  sum.bytes += cost.bytes;
};
