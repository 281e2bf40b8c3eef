import { type EncodedExample, firstNonFinite, type NDArray } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import {
  type Batch,
  ChainBatch,
  collate,
  type ModelConfig,
  NonFiniteActivationError,
  type StageChain,
  uploadSide,
} from '@ntk-lens/models';
import type { ExampleBatch } from '../factors/stage-factors.js';
import type { KeptSites } from '../plan/kept-values.js';

/** Pads a batch and moves its side inputs into the runtime. */
export const openBatch = async (
  runtime: Runtime,
  examples: readonly EncodedExample[],
  planned: Batch,
  config: ModelConfig,
): Promise<ExampleBatch> => ({
  indices: planned.indices,
  ids: planned.indices.map((i) => examples[i]!.inputIds),
  running: new ChainBatch(await uploadSide(runtime, collate(examples, planned, config))),
});

/** Releases all that batches hold. */
export const releaseBatches = (runtime: Runtime, batches: readonly ExampleBatch[]): void =>
  runtime.release(batches.flatMap(({ running }) => running.tensors()));

/**
 * Runs a batch through all stages and holds what backward passes need: the hidden state that enters each stage, and the
 * values of sites that were chosen to be kept.
 *
 * @returns the outputs f(ξ; θ₀), `[n, C]`
 * @throws NonFiniteActivationError naming the first stage whose output is not finite
 */
export const forwardBatch = async (
  chain: StageChain,
  batch: ExampleBatch,
  kept: KeptSites,
): Promise<NDArray> => {
  const { runtime } = chain;
  const y = await chain.forward(batch.running, { holdFrom: 0, keep: (index) => kept[index] ?? [] });
  const outputs = await runtime.download(y);
  runtime.release([y]);
  if (firstNonFinite(outputs.data) >= 0) await explainNonFinite(chain, batch, outputs);
  return outputs;
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
