import type { EncodedExample } from '@ntk-lens/core';
import type { ModelConfig } from '../architectures/registry.js';
import { siteParameters } from '../sites/site-kinds.js';
import type { Stage } from '../stages/stage.js';
import type { BatchArrays } from './batch.js';

/** Token id → row of the word tables in memory, which hold the rows of the tokens that occur and no others. */
export type WordRows = ReadonlyMap<number, number>;

/** The tokens that occur in examples, padding included, in ascending order. Those that the model does not have are left out. */
export const wordRowsOf = (
  examples: readonly EncodedExample[],
  { padTokenId, vocabSize }: Pick<ModelConfig, 'padTokenId' | 'vocabSize'>,
): WordRows => {
  const ids = new Set([padTokenId]);
  for (const { inputIds } of examples) for (const id of inputIds) ids.add(id);
  const known = [...ids].filter((id) => Number.isInteger(id) && id >= 0 && id < vocabSize);
  return new Map(known.sort((a, b) => a - b).map((id, row) => [id, row]));
};

/** The same stages, whose tables that are looked up by token ids have these rows alone. */
export const withWordRows = (stages: readonly Stage[], rows: WordRows): Stage[] =>
  stages.map((stage) => {
    const tables = stage.sites.flatMap(siteParameters).filter(({ lookup }) => lookup === 'ids');
    if (tables.length === 0) return stage;
    const part = { rows: [...rows.keys()] };
    const taken = tables.map(({ local, ref }) => [local, { ...ref, part }] as const);
    return { ...stage, weights: { ...stage.weights, ...Object.fromEntries(taken) } };
  });

/**
 * Replaces the token ids of a batch by rows of the word tables, in place.
 *
 * @throws Error for a token that has no row
 */
export const asWordRows = (arrays: BatchArrays, rows: WordRows): BatchArrays => {
  const { data } = arrays.ids;
  for (const [i, id] of data.entries()) {
    const row = rows.get(id);
    if (row === undefined) throw new Error(`Token ${id} has no row in the word tables.`);
    data[i] = row;
  }
  return arrays;
};
