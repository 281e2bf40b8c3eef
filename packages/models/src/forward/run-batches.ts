import {
  BadArgumentError,
  type EncodedExample,
  firstNonFinite,
  type LongTaskOptions,
  type NDArray,
  throwIfCancelled,
} from '@ntk-lens/core';
import type { Program, Resident, Runtime } from '@ntk-lens/engine';
import type { Stage } from '../architectures/stage.js';
import { type Batch, collate, makeBatches } from '../batching/batch.js';
import type { LanguageModel } from '../language-model.js';
import { NonFiniteActivationError } from './errors.js';
import { type ResidentSide, stageProgram, uploadSide } from './stage-program.js';
import { type StageWeights, uploadStageWeights } from './upload-stage-weights.js';

export interface ForwardOptions extends LongTaskOptions {
  readonly model: LanguageModel;
  readonly runtime: Runtime;
  /** Examples as the model reads them: prompts for its `promptObjective`. */
  readonly examples: readonly EncodedExample[];
  /** Examples per run. Default: 32. */
  readonly batchSize?: number;
}

/**
 * Runs a chain of stages on batches of examples of similar length, each stage a program of its own, and hands
 * the result `[batch, …]` of every batch to `take`.
 *
 * @param finish turns the last stage's output `y`, with the side inputs, into one output `y`; default: as it is
 */
export const runBatches = async (
  { model, runtime, examples, batchSize = 32, signal, onProgress }: ForwardOptions,
  stages: readonly Stage[],
  take: (batch: Batch, result: NDArray) => void,
  finish?: (y: Resident, side: ResidentSide) => Program,
): Promise<void> => {
  if (!(Number.isInteger(batchSize) && batchSize > 0)) {
    throw new BadArgumentError('batchSize', batchSize, 'a positive integer');
  }
  const { config } = model;
  const lengths = examples.map((example) => example.inputIds.length);
  const batches = makeBatches(lengths, batchSize, config.maxTokens);
  // All examples are checked before any work.
  const arrays = batches.map((batch) => collate(examples, batch, config));
  if (batches.length === 0) return;
  const weights = await uploadStageWeights(runtime, model, stages, {
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  });
  try {
    let done = 0;
    for (const [i, batch] of batches.entries()) {
      throwIfCancelled(signal, 'The forward pass');
      const side = await uploadSide(runtime, arrays[i]!);
      try {
        const y = await runChain(runtime, model, stages, weights, side);
        let result = y;
        try {
          if (finish) result = (await runtime.run(finish(y, side), { x: y, ...side }))['y']!;
          const values = await runtime.download(result);
          if (firstNonFinite(values.data) >= 0) await explain(runtime, model, stages, weights, side, batch);
          take(batch, values);
        } finally {
          runtime.release([y, result]);
        }
      } finally {
        runtime.release(Object.values(side));
      }
      done += batch.indices.length;
      onProgress?.({ phase: 'forward', done, total: examples.length, unit: 'examples' });
    }
  } finally {
    weights.release();
  }
};

type Watch = (stage: Stage, y: Resident) => Promise<void>;

const runChain = async (
  runtime: Runtime,
  { config }: LanguageModel,
  stages: readonly Stage[],
  weights: StageWeights,
  side: ResidentSide,
  watch?: Watch,
): Promise<Resident> => {
  let x: Resident | undefined;
  for (const stage of stages) {
    const inputs: Record<string, Resident> = { ...weights.of(stage), ...side, ...(x && { x }) };
    try {
      const { y } = await runtime.run(stageProgram(config, stage, inputs), inputs);
      if (x) runtime.release([x]);
      x = y!;
      await watch?.(stage, x);
    } catch (error) {
      if (x) runtime.release([x]);
      throw error;
    }
  }
  return x!;
};

/** Runs a batch again, looking at every stage, and throws for the first one that is not finite. */
const explain = async (
  runtime: Runtime,
  model: LanguageModel,
  stages: readonly Stage[],
  weights: StageWeights,
  side: ResidentSide,
  batch: Batch,
): Promise<void> => {
  const last = await runChain(runtime, model, stages, weights, side, async (stage, y) => {
    const { data } = await runtime.download(y);
    const bad = firstNonFinite(data);
    if (bad < 0) return;
    const row = Math.floor(bad / (data.length / batch.indices.length));
    throw new NonFiniteActivationError(stage.name, batch.indices[row]!, data[bad]!);
  });
  runtime.release([last]);
};
