import { type Batch, makeBatches } from '@ntk-lens/models';

/**
 * Tokens of a batch. The memory of a backward pass grows with them, and malloc gives large amounts back to
 * the system after every run. With 900 tokens of RoBERTa-base there were about twice as many page faults, in
 * the same time within noise.
 */
export const BATCH_TOKENS = 640;

/** Width of the model of which that was measured. */
const MEASURED_WIDTH = 768;

/**
 * Tokens of a batch whose gradients are summed at once. A narrower model has the same memory with more of them, and every
 * batch costs as much to start.
 */
export const summedTokens = (hiddenSize: number): number =>
  Math.floor(BATCH_TOKENS * Math.max(1, MEASURED_WIDTH / hiddenSize));

/** Examples of a batch that are padded to `padTo` tokens, at most. */
export const mostInBatch = (batchSize: number, padTo: number, tokens = BATCH_TOKENS): number =>
  Math.min(batchSize, Math.max(1, Math.floor(tokens / padTo)));

/**
 * Batches of examples whose gradients are wanted.
 *
 * @param longest longest sequence that the model takes
 * @param tokens tokens of a batch, at most
 */
export const kernelBatches = (
  lengths: readonly number[],
  batchSize: number,
  longest: number,
  tokens = BATCH_TOKENS,
): Batch[] => makeBatches(lengths, batchSize, longest, tokens);
