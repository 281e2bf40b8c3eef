import {
  BadArgumentError,
  type EncodedExample,
  firstNonFinite,
  type LongTaskOptions,
  type NDArray,
} from '@ntk-lens/core';
import type { Resident, Runtime } from '@ntk-lens/engine';
import { type Batch, collate, makeBatches } from '../batching/batch.js';
import { type ResidentSide, uploadSide } from '../batching/upload-side.js';
import { ChainBatch, StageChain } from '../chain/stage-chain.js';
import type { LanguageModel } from '../language-model.js';
import type { Stage } from '../stages/stage.js';
import { NonFiniteActivationError } from './errors.js';
import { uploadStageWeights } from './upload-stage-weights.js';

export interface ForwardOptions extends LongTaskOptions {
  readonly model: LanguageModel;
  readonly runtime: Runtime;
  /** Examples as the model reads them: prompts for its `objective`. */
  readonly examples: readonly EncodedExample[];
  /** Examples per run. Default: 32. */
  readonly batchSize?: number;
}

/**
 * Runs a chain of stages on batches of examples of similar length, each stage a program of its own, and hands
 * the result `[batch, …]` of every batch to `take`.
 *
 * @param finish makes the result of the last stage's output and the side inputs; default: the output itself
 */
export const runBatches = async (
  { model, runtime, examples, batchSize = 32, signal, onProgress }: ForwardOptions,
  stages: readonly Stage[],
  take: (batch: Batch, result: NDArray) => void,
  finish?: (runtime: Runtime, y: Resident, side: ResidentSide) => Promise<Resident>,
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
    signal,
    onProgress,
  });
  const chain = new StageChain({
    runtime,
    stages,
    weightsOf: (stage) => weights.of(stage),
    signal,
    what: 'The forward pass',
  });
  try {
    let done = 0;
    for (const [i, batch] of batches.entries()) {
      const running = new ChainBatch(await uploadSide(runtime, arrays[i]!));
      try {
        const y = await chain.forward(running);
        let result = y;
        try {
          if (finish) result = await finish(runtime, y, running.side);
          const values = await runtime.download(result);
          if (firstNonFinite(values.data) >= 0) await explain(chain, running, batch);
          take(batch, values);
        } finally {
          runtime.release([y, result]);
        }
      } finally {
        runtime.release(running.tensors());
      }
      done += batch.indices.length;
      onProgress?.({ phase: 'forward', done, total: examples.length, unit: 'examples' });
    }
  } finally {
    weights.release();
  }
};

/** Runs a batch again, looking at every stage, and throws for the first one that is not finite. */
const explain = async (chain: StageChain, running: ChainBatch, batch: Batch): Promise<void> => {
  const { runtime } = chain;
  const last = await chain.forward(running, {
    after: async (stage, y) => {
      const { data } = await runtime.download(y);
      const bad = firstNonFinite(data);
      if (bad < 0) return;
      const row = Math.floor(bad / (data.length / batch.indices.length));
      throw new NonFiniteActivationError(stage.name, batch.indices[row]!, data[bad]!);
    },
  });
  runtime.release([last]);
};
