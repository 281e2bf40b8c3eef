import type { EncodedExample } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import { collate, type ModelConfig, type ResidentSide, uploadSide } from '@ntk-lens/models';

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
  wordRows: ReadonlyMap<number, number>,
): Promise<ResidentSide> => {
  const arrays = collate(examples, { indices: [...examples.keys()], length }, config);
  const { data } = arrays.ids;
  for (const [i, id] of data.entries()) {
    const row = wordRows.get(id);
    if (row === undefined) throw new Error(`Token ${id} was not announced to training.`);
    data[i] = row;
  }
  return uploadSide(runtime, arrays);
};
