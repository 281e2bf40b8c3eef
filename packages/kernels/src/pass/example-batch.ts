import {
  type EncodedExample,
  firstNonFinite,
  type LongTaskOptions,
  type NDArray,
  zeros,
} from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import {
  asWordRows,
  type Batch,
  ChainBatch,
  collate,
  type ModelConfig,
  NonFiniteActivationError,
  type StageChain,
  uploadSide,
  type WordRows,
} from '@ntk-lens/models';
import type { ExampleBatch } from '../factors/stage-factors.js';
import type { KeptSites } from '../plan/kept-values.js';
import { kernelBatches } from '../plan/kernel-batches.js';

/** Pads a batch and moves its side inputs into the runtime, with tokens as rows of the word tables. */
export const openBatch = async (
  runtime: Runtime,
  examples: readonly EncodedExample[],
  planned: Batch,
  config: ModelConfig,
  words: WordRows,
): Promise<ExampleBatch> => ({
  indices: planned.indices,
  ids: planned.indices.map((i) => examples[i]!.inputIds),
  running: new ChainBatch(await uploadSide(runtime, asWordRows(collate(examples, planned, config), words))),
});

/** The way in which examples become batches. */
export interface BatchPlan {
  readonly config: ModelConfig;
  readonly batchSize: number;
  readonly words: WordRows;
}

/**
 * Opens batches of examples; `held` receives each, to be released whatever happens.
 *
 * @param chosen some of their batches; all by default
 */
export const openBatches = async (
  runtime: Runtime,
  examples: readonly EncodedExample[],
  { config, batchSize, words }: BatchPlan,
  held: ExampleBatch[],
  chosen?: readonly Batch[],
): Promise<ExampleBatch[]> => {
  const lengths = examples.map(({ inputIds }) => inputIds.length);
  const batches: ExampleBatch[] = [];
  for (const one of chosen ?? kernelBatches(lengths, batchSize, config.maxTokens)) {
    const batch = await openBatch(runtime, examples, one, config, words);
    held.push(batch);
    batches.push(batch);
  }
  return batches;
};

/** Releases all that batches hold. */
export const releaseBatches = (runtime: Runtime, batches: readonly ExampleBatch[]): void =>
  runtime.release(batches.flatMap(({ running }) => running.tensors()));

/**
 * Runs batches through all stages, together, and holds what backward passes need: the hidden state that enters each stage,
 * and the values of sites that were chosen to be kept.
 *
 * @param onStage called when all batches have passed a stage
 * @returns the outputs f(ξ; θ₀) of each batch, `[n, C]`
 * @throws NonFiniteActivationError naming the first stage whose output is not finite
 */
export const forwardBatches = async (
  chain: StageChain,
  batches: readonly ExampleBatch[],
  kept: KeptSites,
  onStage?: (index: number) => void,
): Promise<NDArray[]> => {
  const { runtime } = chain;
  const ys = await chain.forwardAll(
    batches.map(({ running }) => running),
    { holdFrom: 0, keep: (index) => kept[index] ?? [], onStage },
  );
  try {
    const outputs: NDArray[] = [];
    for (const [i, batch] of batches.entries()) {
      const values = await runtime.download(ys[i]!);
      if (firstNonFinite(values.data) >= 0) await explainNonFinite(chain, batch, values);
      outputs.push(values);
    }
    return outputs;
  } finally {
    runtime.release(ys);
  }
};

/** Tells of the stages of a forward pass. */
export const forwardProgress =
  ({ stages }: StageChain, label: string, onProgress: LongTaskOptions['onProgress']) =>
  (index: number): void =>
    onProgress?.({
      ...{ phase: 'forward', done: index + 1, total: stages.length, unit: 'stages' },
      detail: `${stages[index]!.name}, ${label}`,
    });

/** The outputs of some batches as rows of one matrix, `[examples, C]`. */
export const joinOutputs = (
  batches: readonly ExampleBatch[],
  valuesOf: (batch: ExampleBatch) => NDArray,
  examples: number,
  outputs: number,
): NDArray => {
  const joined = zeros('float64', [examples, outputs]);
  for (const batch of batches) {
    const { data } = valuesOf(batch);
    for (const [row, i] of batch.indices.entries())
      joined.data.set(data.subarray(row * outputs, (row + 1) * outputs), i * outputs);
  }
  return joined;
};

const explainNonFinite = async (chain: StageChain, batch: ExampleBatch, y: NDArray): Promise<never> => {
  const { runtime, stages } = chain;
  const refuse = (stage: string, { data }: NDArray): void => {
    const at = firstNonFinite(data);
    if (at < 0) return;
    const row = Math.floor(at / (data.length / batch.indices.length));
    throw new NonFiniteActivationError(stage, batch.indices[row]!, data[at]!);
  };
  for (const [index, stage] of stages.entries()) {
    const { x: leaving } = batch.running.peek(index + 1);
    refuse(stage.name, leaving ? await runtime.download(leaving) : y);
  }
  throw new Error('The outputs are finite.');
};
