import type { EncodedExample } from '@ntk-lens/core';
import { type NDArray, ndarray } from '@ntk-lens/core';
import type { ModelConfig } from '../architectures/registry.js';
import { checkBranches, positionsOf, readPositions, readTokens, startsBranch } from './branches.js';
import { BadExampleError, BranchesError, SequenceTooLongError } from './errors.js';

/** Examples of similar length, padded to one length and run together. */
export interface Batch {
  /** Indices of the examples in the list that was batched. */
  readonly indices: readonly number[];
  /** Tokens per example, padding included. */
  readonly length: number;
}

/** Padded lengths are multiples of this, so that few different shapes occur. */
const LENGTH_STEP = 2;
/** Cost of starting a batch, in tokens of padding: small batches run at a lower rate. */
const BATCH_COST = 64;

/**
 * Groups examples of similar length, longest first, into batches of at most `batchSize`, so that padding and
 * the number of batches together cost least. With lengths 20 to 60, less than a tenth of the tokens is
 * padding.
 *
 * @example
 * ```ts
 * makeBatches([5, 170, 6], 32); // [{ indices: [1], length: 170 }, { indices: [0, 2], length: 6 }]
 * ```
 * @param lengths tokens of each example
 * @param longest longest sequence that the model takes; padding never goes beyond it
 * @param mostTokens tokens that a batch has at most, padding included, unless one example has more
 */
export const makeBatches = (
  lengths: readonly number[],
  batchSize: number,
  longest = Infinity,
  mostTokens = Infinity,
): Batch[] => {
  const padded = lengths.map((length) =>
    Math.min(Math.ceil(length / LENGTH_STEP) * LENGTH_STEP, Math.max(longest, length)),
  );
  const order = [...lengths.keys()].sort((a, b) => padded[b]! - padded[a]! || a - b);
  // Cheapest way to batch the first k examples of the order: a batch is as long as its first example.
  const cost = [0];
  const start = [0];
  for (let end = 1; end <= order.length; end++) {
    cost[end] = Number.POSITIVE_INFINITY;
    // A batch that starts earlier has more tokens.
    for (let from = end - 1; from >= Math.max(0, end - batchSize); from--) {
      const tokens = (end - from) * padded[order[from]!]!;
      if (tokens > mostTokens && from < end - 1) break;
      const total = cost[from]! + tokens + BATCH_COST;
      if (total <= cost[end]!) [cost[end], start[end]] = [total, from];
    }
  }
  const batches: Batch[] = [];
  for (let end = order.length; end > 0; end = start[end]!) {
    const indices = order.slice(start[end], end);
    batches.unshift({
      indices: indices.sort((a, b) => a - b),
      length: Math.max(...indices.map((i) => padded[i]!)),
    });
  }
  return batches;
};

/** @internal Position id of an example's first token: behind the rows that RoBERTa keeps for padding. */
export const firstPosition = (config: ModelConfig): number =>
  'positionOffset' in config ? config.positionOffset : 0;

/** The id that positions skip where it stands in a text; OPT numbers every token. */
const skippedId = (config: ModelConfig): number | undefined =>
  firstPosition(config) === 0 || 'countsPadding' in config ? undefined : config.padTokenId;

/** Side inputs of a batch (see `SideInputs`), as arrays. */
export interface BatchArrays {
  readonly ids: NDArray<'int32'>;
  readonly positions: NDArray<'int32'>;
  readonly types: NDArray<'int32'>;
  readonly attention: NDArray<'float32'>;
  readonly readout: NDArray<'float32'>;
  readonly branches?: NDArray<'float32'>;
}

/**
 * Pads the examples of a batch and computes position ids, attention mask and read-out.
 *
 * @throws SequenceTooLongError if an example has more tokens than the model has positions
 * @throws BadExampleError for token or segment ids that the model has no embedding for, and a read-out
 *   position outside the example
 */
export const collate = (
  examples: readonly EncodedExample[],
  batch: Batch,
  config: ModelConfig,
): BatchArrays => {
  const n = batch.indices.length;
  const { length } = batch;
  const ids = new Int32Array(n * length).fill(config.padTokenId);
  const positions = new Int32Array(n * length);
  const types = new Int32Array(n * length);
  const attention = new Float32Array(n * length);
  const reads = readTokens(examples[batch.indices[0] ?? 0]);
  const readout = new Float32Array(n * reads * length);
  const branches = reads > 1 ? new Float32Array(n * length) : undefined;
  // RoBERTa numbers tokens from pad_token_id + 1; all padding is at position pad_token_id.
  const offset = firstPosition(config);
  const skipped = skippedId(config);
  for (const [row, index] of batch.indices.entries()) {
    const example = examples[index]!;
    checkExample(example, index, config, reads);
    const tokens = example.inputIds.length;
    ids.set(example.inputIds, row * length);
    branches?.set(example.branches ?? [], row * length);
    let position = offset;
    let behindPrompt = offset;
    for (let t = 0; t < length; t++) {
      // A padding token written out in the text is not counted either.
      const counts = t < tokens && example.inputIds[t] !== skipped;
      // Every branch goes on behind the prompt.
      if (startsBranch(example, t)) position = behindPrompt;
      positions[row * length + t] = counts ? position++ : Math.max(0, offset - 1);
      if (t === example.position) behindPrompt = position;
    }
    types.set(example.tokenTypeIds ?? [], row * length);
    attention.fill(1, row * length, row * length + tokens);
    for (const [r, t] of readPositions(example).entries()) readout[(row * reads + r) * length + t] = 1;
  }
  const arrays = {
    ids: ndarray<'int32'>(ids, [n, length]),
    positions: ndarray<'int32'>(positions, [n, length]),
    types: ndarray<'int32'>(types, [n, length]),
    attention: ndarray<'float32'>(attention, [n, length]),
    readout: ndarray<'float32'>(readout, [n, reads, length]),
  };
  return branches ? { ...arrays, branches: ndarray<'float32'>(branches, [n, length]) } : arrays;
};

const checkExample = (example: EncodedExample, index: number, config: ModelConfig, reads: number): void => {
  const { inputIds, position, tokenTypeIds = [] } = example;
  const tokens = inputIds.length;
  checkBranches(example, index);
  if (readTokens(example) !== reads) throw new BranchesError(index, readTokens(example), reads);
  const needed = positionsOf(example);
  if (needed > config.maxTokens) throw new SequenceTooLongError(index, needed, config.maxTokens);
  if (!(Number.isInteger(position) && position >= 0 && position < tokens)) {
    throw new BadExampleError(index, `${tokens} tokens and position ${position}`, 'a position among them');
  }
  const outside = (ids: readonly number[], size: number) =>
    ids.find((id) => !(Number.isInteger(id) && id >= 0 && id < size));
  const token = outside(inputIds, config.vocabSize);
  if (token !== undefined) {
    throw new BadExampleError(
      index,
      `token id ${token}`,
      `ids below the vocabulary size ${config.vocabSize}`,
    );
  }
  const { typeVocabSize: types = Infinity } = 'typeVocabSize' in config ? config : {};
  const type = outside(tokenTypeIds, types);
  if (type !== undefined || tokenTypeIds.length > tokens) {
    throw new BadExampleError(
      index,
      type === undefined
        ? `${tokenTypeIds.length} token type ids for ${tokens} tokens`
        : `token type ${type}`,
      `token types below ${types}, one per token`,
    );
  }
};
