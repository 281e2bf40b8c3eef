import { range } from './cut.js';
import {
  bytesOfExamples,
  contractionBytes,
  type ExampleBytes,
  type ExampleModel,
  fixedBytes,
  type MemoryModel,
  sharesParameters,
} from './memory.js';

/** The memory of examples, which all plans of a request have in common. */
export interface CountedExamples {
  /** Tokens of every example, the training examples first. */
  readonly lengths: readonly number[];
  readonly bytes: readonly ExampleBytes[];
  /** Bytes of every example while a tile is computed, with the factors of one stage; and these factors alone. */
  readonly own: readonly number[];
  readonly factors: readonly number[];
  /** Training examples and queries. Similar lengths are together, so that batches are full and padding is small. */
  readonly train: readonly number[];
  readonly queries: readonly number[];
  /** Bytes of work memory that contractions keep. */
  readonly contraction: number;
  /** A gradient is the sum over several stages, so that factors of all examples wait for the last of them. */
  readonly waits: boolean;
}

/**
 * Counts the memory of examples.
 *
 * @param lengths tokens of every example, the training examples first
 * @param train number of training examples
 */
export const countExamples = (
  m: ExampleModel,
  lengths: readonly number[],
  train: number,
): CountedExamples => {
  const bytes = bytesOfExamples(m, lengths);
  const byLength = (indices: number[]) => indices.sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  return {
    ...{ lengths, bytes, factors: bytes.map(({ factors }) => factors) },
    own: bytes.map(({ held, factors }) => held + factors),
    train: byLength(range(0, train)),
    queries: byLength(range(train, lengths.length)),
    ...{ contraction: contractionBytes(m, lengths), waits: sharesParameters(m) },
  };
};

/** Tiles that are asked for, with one way in which weights come into memory. */
export interface TileRequest {
  readonly model: MemoryModel;
  readonly examples: CountedExamples;
  /** Bytes. */
  readonly budget: number;
  /** Sweeps that there are about at least, as far as there are queries; their work is about the same. */
  readonly pieces: number;
  /** Bytes of weights, programs and the work space of a batch. */
  readonly fixed: number;
}

/** @param batchSize examples that run together, at most */
export const tileRequest = (
  model: MemoryModel,
  examples: CountedExamples,
  batchSize: number,
  budget: number,
  pieces = 1,
): TileRequest => ({ model, examples, budget, pieces, fixed: fixedBytes(model, batchSize) });
