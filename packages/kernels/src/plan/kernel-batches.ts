import { type Batch, makeBatches } from '@ntk-lens/models';

/**
 * Tokens of a batch. More gain nothing for RoBERTa-base's products, and what a backward pass holds between them then
 * outgrows the caches and the pieces of memory that malloc keeps for a thread.
 */
const BATCH_TOKENS = 640;

/** Batches of examples whose gradients are wanted. @param longest longest sequence that the model takes */
export const kernelBatches = (lengths: readonly number[], batchSize: number, longest: number): Batch[] =>
  makeBatches(lengths, batchSize, longest, BATCH_TOKENS);
