import {
  type EncodedExample,
  type Formula,
  type LongTaskOptions,
  type NDArray,
  type SplitName,
  zeros,
} from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import { type LanguageModel, makeBatches } from '@ntk-lens/models';
import type { BlockLevel } from './contract/accumulators.js';
import type { ParameterFilter } from './factors/active-parameters.js';
import { blockPass } from './pass/block-pass.js';
import { type ExampleBatch, uploadBatch } from './pass/example-batch.js';
import { forwardBatch } from './pass/forward-pass.js';
import { activeIn, type KernelContext, readoutsOf } from './pass/kernel-context.js';
import { StageWeights } from './pass/stage-weights.js';

/** What to compute. */
export interface KernelRequest extends LongTaskOptions {
  readonly model: LanguageModel;
  readonly runtime: Runtime;
  /** Training examples: the rows of every kernel. */
  readonly train: readonly EncodedExample[];
  /** Query examples by split; the training examples are queries too and need not be repeated. */
  readonly queries: Readonly<Partial<Record<Exclude<SplitName, 'train'>, readonly EncodedExample[]>>>;
  /** Token ids of the label words, in label order. */
  readonly labelWordIds: readonly number[];
  readonly formula: Formula;
  /** One output, logit₁ − logit₀, instead of one per label; needs two labels. */
  readonly binary?: boolean;
  /** Parameters that take part, by Hugging Face name; all by default. */
  readonly parameters?: ParameterFilter;
  /** Keep gradients that are zero but for rounding (attention key biases) in sign kernels, as the reference does. */
  readonly keepNoise?: boolean;
  /** Examples that run together. Larger is faster until memory or caches are full. */
  readonly batchSize?: number;
}

/** Kernels of one split against the training examples. */
export interface SplitKernels {
  /** `[train, C, query, C]` (see `KernelSplit` of core). */
  readonly kernel: NDArray<'float64'>;
  readonly flipped?: NDArray<'float64'>;
  /** f(·; θ₀) `[query, C]`. */
  readonly logits: NDArray<'float64'>;
}

export type Kernels = { readonly [split in SplitName]?: SplitKernels } & { readonly train: SplitKernels };

/**
 * Exact kernels of a model at θ₀ on prompted examples (PAPER §1), of one formula.
 *
 * @example
 * ```ts
 * const { train, test } = await computeKernels({
 *   model, runtime, formula: 'sgd', labelWordIds: [6659, 2307],
 *   train: trainExamples, queries: { test: testExamples },
 * });
 * test!.kernel.shape; // [32, 2, 200, 2]
 * ```
 */
export const computeKernels = async (request: KernelRequest): Promise<Kernels> => {
  const { sum } = await computeKernelBlocks(request, 'sum');
  return sum!;
};

/**
 * The same kernels part by part: of each stage (`layer`) or each parameter (`parameter`). Parts add up to the
 * whole.
 *
 * @returns kernels by stage or Hugging Face parameter name
 */
export const computeKernelBlocks = async (
  request: KernelRequest,
  level: BlockLevel,
): Promise<Record<string, Kernels>> => {
  const { model, runtime, train, labelWordIds, formula, signal, onProgress, batchSize = 32 } = request;
  const stages = model.stages(labelWordIds);
  const weights = await StageWeights.upload(runtime, model, stages, request);
  const held: ExampleBatch[] = [];
  try {
    const queries = Object.entries(request.queries) as [SplitName, readonly EncodedExample[]][];
    const all = [...train, ...queries.flatMap(([, examples]) => examples)];
    const lengths = all.map((example) => example.inputIds.length);
    const batchesOf = (from: number, count: number) =>
      makeBatches(lengths.slice(from, from + count), batchSize, model.config.maxTokens);
    const rowPlan = batchesOf(0, train.length);
    const columnPlan = batchesOf(train.length, all.length - train.length);
    const context: KernelContext = {
      runtime,
      model,
      modelKey: JSON.stringify(model.config),
      stages,
      weights,
      formula,
      readouts: readoutsOf(labelWordIds.length, request.binary ?? false),
      active: activeIn(stages, request.parameters ?? (() => true), request.keepNoise ?? false),
      padTo: Math.max(...[...rowPlan, ...columnPlan].map((batch) => batch.length)),
    };
    const outputs = context.readouts.length;
    const logits = zeros('float64', [all.length, outputs]);
    const forward = async (plan: typeof rowPlan, examples: readonly EncodedExample[], from: number) => {
      const batches: ExampleBatch[] = [];
      for (const planned of plan) {
        const batch = await uploadBatch(runtime, examples, planned, model.config);
        held.push(batch);
        batches.push(batch);
        const y = await forwardBatch(context, batch, signal);
        for (const [row, i] of batch.indices.entries()) {
          for (let c = 0; c < outputs; c++)
            logits.data[(from + i) * outputs + c] = y.data[row * outputs + c]!;
        }
        onProgress?.({
          phase: 'forward',
          done: held.length,
          total: rowPlan.length + columnPlan.length,
          unit: 'batches',
        });
      }
      return batches;
    };
    const rows = await forward(rowPlan, train, 0);
    const columns = await forward(columnPlan, all.slice(train.length), train.length);
    const parts = await blockPass(context, {
      rows,
      columns,
      self: true,
      level,
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
    });

    const result: Record<string, Kernels> = {};
    for (const [name, kernels] of parts.parts) {
      const splits: Partial<Record<SplitName, SplitKernels>> = {};
      const self = kernels.self!.kernel;
      splits.train = {
        kernel: self,
        ...(formula === 'a-signgd' && { flipped: transposeKernel(self) }),
        logits: sliceRows(logits, 0, train.length),
      };
      let start = 0;
      for (const [split, examples] of queries) {
        splits[split] = {
          kernel: sliceColumns(kernels.cross.kernel, start, examples.length),
          ...(kernels.flipped && { flipped: sliceColumns(kernels.flipped.kernel, start, examples.length) }),
          logits: sliceRows(logits, train.length + start, examples.length),
        };
        start += examples.length;
      }
      result[name] = splits as Kernels;
    }
    return result;
  } finally {
    weights.release();
    for (const batch of held) {
      runtime.release([
        ...Object.values(batch.side),
        ...batch.states.filter((s) => s !== undefined),
        ...(batch.cotangent ? [batch.cotangent] : []),
      ]);
    }
  }
};

/** K(j, c', i, c) of K(i, c, j, c'). */
const transposeKernel = (kernel: NDArray<'float64'>): NDArray<'float64'> => {
  const [n, outputs, m] = kernel.shape as [number, number, number, number];
  const [left, right] = [n * outputs, m * outputs];
  const data = new Float64Array(left * right);
  for (let i = 0; i < left; i++)
    for (let j = 0; j < right; j++) data[j * left + i] = kernel.data[i * right + j]!;
  return { dtype: 'float64', shape: [m, outputs, n, outputs], data };
};

const sliceColumns = (kernel: NDArray<'float64'>, start: number, count: number): NDArray<'float64'> => {
  const [n, outputs, m] = kernel.shape as [number, number, number, number];
  const data = new Float64Array(n * outputs * count * outputs);
  for (let row = 0; row < n * outputs; row++) {
    const from = row * m * outputs + start * outputs;
    data.set(kernel.data.subarray(from, from + count * outputs), row * count * outputs);
  }
  return { dtype: 'float64', shape: [n, outputs, count, outputs], data };
};

const sliceRows = (array: NDArray<'float64'>, start: number, count: number): NDArray<'float64'> => {
  const width = array.shape[1]!;
  return {
    dtype: 'float64',
    shape: [count, width],
    data: array.data.slice(start * width, (start + count) * width),
  };
};
