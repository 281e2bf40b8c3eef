import type { EncodedExample } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import {
  asWordRows,
  collate,
  type ModelConfig,
  type ResidentSide,
  uploadSide,
  type WordRows,
} from '@ntk-lens/models';

/** Padded lengths are multiples of this, so that few different shapes occur. */
const LENGTH_STEP = 8;

/** Tokens per example when these are padded together. */
export const paddedLength = (examples: readonly EncodedExample[], longest: number): number => {
  const most = Math.max(...examples.map(({ inputIds }) => inputIds.length));
  return Math.max(most, Math.min(Math.ceil(most / LENGTH_STEP) * LENGTH_STEP, longest));
};

/** Side inputs of a batch in the runtime, token ids as rows of the resident word tables. */
export const uploadBatch = async (
  runtime: Runtime,
  examples: readonly EncodedExample[],
  length: number,
  config: ModelConfig,
  wordRows: WordRows,
): Promise<ResidentSide> => {
  const arrays = collate(examples, { indices: [...examples.keys()], length }, config);
  return uploadSide(runtime, asWordRows(arrays, wordRows));
};
