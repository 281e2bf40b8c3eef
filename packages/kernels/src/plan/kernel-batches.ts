import { type Batch, makeBatches } from '@ntk-lens/models';

/**
 * Tokens of a batch. The memory of a backward pass grows with them, and malloc gives large amounts back to
 * the system after every run. With 900 tokens of RoBERTa-base there were about twice as many page faults, in
 * the same time within noise.
 */
export const BATCH_TOKENS = 640;

/** Examples of a batch that are padded to `padTo` tokens, at most. */
export const mostInBatch = (batchSize: number, padTo: number): number =>
  Math.min(batchSize, Math.max(1, Math.floor(BATCH_TOKENS / padTo)));

/** Batches of examples whose gradients are wanted. @param longest longest sequence that the model takes */
export const kernelBatches = (lengths: readonly number[], batchSize: number, longest: number): Batch[] =>
  makeBatches(lengths, batchSize, longest, BATCH_TOKENS);
