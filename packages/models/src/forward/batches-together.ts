import type { Batch } from '../batching/batch.js';

/** Bytes of the states of batches that wait for the next stage. */
const STATE_BYTES = 256 * 2 ** 20;

/**
 * Number of batches that go through a stage together, so that its weights are read once for all of them; one where weights
 * are resident and nothing is saved by it.
 * @internal
 */
export const batchesTogether = (streamed: boolean, batches: readonly Batch[], hiddenSize: number): number => {
  if (!streamed) return 1;
  const largest = Math.max(...batches.map(({ indices, length }) => indices.length * length));
  // Entering a stage, and leaving it.
  return Math.max(1, Math.floor(STATE_BYTES / (2 * 4 * largest * hiddenSize)));
};
