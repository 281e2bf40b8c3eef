import {
  BadArgumentError,
  type EncodedExample,
  firstNonFinite,
  type LongTaskOptions,
  type NDArray,
} from '@ntk-lens/core';
import type { Resident, Runtime } from '@ntk-lens/engine';
import { type Batch, type BatchArrays, collate, makeBatches } from '../batching/batch.js';
import { checkSequences } from '../batching/branches.js';
import { type ResidentSide, uploadSide } from '../batching/upload-side.js';
import { asWordRows, withWordRows, wordRowsOf } from '../batching/word-rows.js';
import { ChainBatch, StageChain } from '../chain/stage-chain.js';
import type { LanguageModel } from '../language-model.js';
import type { Stage } from '../stages/stage.js';
import { batchesTogether } from './batches-together.js';
import { NonFiniteActivationError } from './errors.js';
import { exceedsMemory, openStageWeights } from './open-stage-weights.js';

export interface ForwardOptions extends LongTaskOptions {
  readonly model: LanguageModel;
  readonly runtime: Runtime;
  /** Examples as the model reads them: prompts for its `objective`. */
  readonly examples: readonly EncodedExample[];
  /** Examples per run. Default: 32. */
  readonly batchSize?: number;
  /** Budget in bytes for everything: weights that exceed it are read stage by stage. Default: 4 GiB. */
  readonly memory?: number;
  /** Read the weights stage by stage, or not, whatever the budget. The numbers are the same. */
  readonly streamed?: boolean;
}

/**
 * Runs a chain of stages on batches of examples of similar length, each stage a program of its own, and hands
 * the result `[batch, …]` of every batch to `take`.
 *
 * @param finish makes the result of the last stage's output and the side inputs; default: the output itself
 */
export const runBatches = async (
  { model, runtime, examples, batchSize = 32, memory, streamed, signal, onProgress }: ForwardOptions,
  stages: readonly Stage[],
  take: (batch: Batch, result: NDArray) => void,
  finish?: Finish,
): Promise<void> => {
  if (!(Number.isInteger(batchSize) && batchSize > 0)) {
    throw new BadArgumentError('batchSize', batchSize, 'a positive integer');
  }
  const { config } = model;
  checkSequences(examples, stages, config);
  const lengths = examples.map((example) => example.inputIds.length);
  const batches = makeBatches(lengths, batchSize, config.maxTokens);
  const rows = wordRowsOf(examples, config);
  // All examples are checked before any work.
  const arrays = batches.map((batch) => asWordRows(collate(examples, batch, config), rows));
  if (batches.length === 0) return;
  const used = withWordRows(stages, rows);
  const streams = streamed ?? exceedsMemory(model, used, memory);
  const weights = await openStageWeights(runtime, model, used, streams, { signal, onProgress });
  const chain = new StageChain({
    ...{ runtime, stages: used, weightsOf: (stage) => weights.of(stage) },
    ...{ signal, what: 'The forward pass' },
  });
  const together = batchesTogether(streams, batches, config.hiddenSize);
  try {
    let done = 0;
    for (let from = 0; from < batches.length; from += together) {
      const group = batches.slice(from, from + together);
      await runGroup(chain, group, arrays.slice(from, from + together), take, finish);
      done += group.reduce((sum, { indices }) => sum + indices.length, 0);
      onProgress?.({ phase: 'forward', done, total: examples.length, unit: 'examples' });
    }
  } finally {
    await weights.release();
  }
};

type Finish = (runtime: Runtime, y: Resident, side: ResidentSide) => Promise<Resident>;

const runGroup = async (
  chain: StageChain,
  batches: readonly Batch[],
  arrays: readonly BatchArrays[],
  take: (batch: Batch, result: NDArray) => void,
  finish?: Finish,
): Promise<void> => {
  const { runtime } = chain;
  const running: ChainBatch[] = [];
  let outputs: Resident[] = [];
  try {
    for (const one of arrays) running.push(new ChainBatch(await uploadSide(runtime, one)));
    outputs = await chain.forwardAll(running);
    for (const [i, batch] of batches.entries()) {
      const y = outputs[i]!;
      const result = finish ? await finish(runtime, y, running[i]!.side) : y;
      if (result !== y) outputs.push(result);
      const values = await runtime.download(result);
      if (firstNonFinite(values.data) >= 0) await explain(chain, running[i]!, batch);
      take(batch, values);
    }
  } finally {
    runtime.release([...outputs, ...running.flatMap((batch) => batch.tensors())]);
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
