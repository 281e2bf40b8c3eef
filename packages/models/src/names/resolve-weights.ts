import type { WeightSource } from '@ntk-lens/checkpoints';
import { type LongTaskOptions, type NDArray, sameShape, throwIfCancelled } from '@ntk-lens/core';
import { commonPrefixes, missingIn } from './common-prefix.js';
import { MissingWeightsError, WeightShapeError } from './resolve-errors.js';
import { type CheckpointNaming, placesOf } from './weight-names.js';

// Two reads in flight keep the disk busy while the third tensor is checked or widened.
const readsInFlight = 3;

/**
 * Finds, for every parameter of an architecture, the tensor of a checkpoint that holds it: with or without
 * the base prefix, under old names, and a tied decoder and the word embeddings under either name. Reads nothing.
 *
 * @param expected transformers' parameter names with the base prefix → shapes
 * @returns parameter name → name in `source`; two parameters may share one
 * @throws MissingWeightsError, listing all of them
 * @throws WeightShapeError, with found and expected shapes
 * @internal
 */
export const resolveWeightNames = (
  source: WeightSource,
  expected: ReadonlyMap<string, readonly number[]>,
  naming: CheckpointNaming,
): ReadonlyMap<string, string> => {
  const missing = missingIn(source, expected, naming);
  if (missing.length > 0)
    throw new MissingWeightsError(missing, source.names, hintFor(missing, source, naming));
  const found = new Map(
    [...expected.keys()].map((name) => [name, placesOf(name, naming).find((place) => source.has(place))!]),
  );
  const wrong = [...found]
    .map(([name, stored]) => ({ name, found: source.info(stored).shape, expected: expected.get(name)! }))
    .filter((w) => !sameShape(w.found, w.expected));
  if (wrong.length > 0) throw new WeightShapeError(wrong);
  return found;
};

const hintFor = (
  missing: readonly string[],
  source: WeightSource,
  naming: CheckpointNaming,
): string | undefined => {
  const prefixes = commonPrefixes(source, missing, naming);
  const behind = [...prefixes.keys()].map((prefix) => `"${prefix}"`).join(' and ');
  if (prefixes.size > 1)
    return `Tensors of these names are there behind ${behind}: leave one model in the files, without that prefix.`;
  for (const [prefix, still] of prefixes)
    return `Tensors of these names are there behind "${prefix}", but without that prefix ${still.length} are missing even so: ${still.slice(0, 8).join(', ')}. Check that config.json and the weights belong to the same model.`;
  const onlyHead = missing.every((name) => naming.rules.head.some((head) => name.startsWith(head)));
  return onlyHead
    ? 'Only the language-model head is absent: the files were saved from another kind of model. Use a checkpoint of the masked (or causal) language model.'
    : undefined;
};

/**
 * Reads every parameter of an architecture from a checkpoint as float32. A tensor that serves two parameters
 * (tied decoder) is read once and shared.
 *
 * @example
 * ```ts
 * const weights = await resolveWeights(source, new Map([['bert.pooler.dense.bias', [384]]]), {
 *   rules: nameRulesOf(config),
 *   tieWordEmbeddings: true,
 * });
 * ```
 * @param expected transformers' parameter names with the base prefix → shapes
 * @param naming how the architecture's checkpoints name things, and whether the decoder is tied
 * @param options progress counts bytes in the files
 * @returns parameter name → array, in the order of `expected`
 * @throws MissingWeightsError, WeightShapeError, NonFiniteWeightError, UnsupportedDTypeError
 * @internal
 */
export const resolveWeights = async (
  source: WeightSource,
  expected: ReadonlyMap<string, readonly number[]>,
  naming: CheckpointNaming,
  options: LongTaskOptions = {},
): Promise<ReadonlyMap<string, NDArray<'float32'>>> => {
  const names = resolveWeightNames(source, expected, naming);
  // In file order, so that a spinning disk or a network file system reads ahead.
  const wanted = new Set(names.values());
  const stored = source.names.filter((name) => wanted.has(name));
  const total = stored.reduce((sum, name) => sum + source.info(name).byteLength, 0);
  const arrays = new Map<string, NDArray<'float32'>>();
  let next = 0;
  let done = 0;
  let failed = false;
  const work = async (): Promise<void> => {
    while (next < stored.length && !failed) {
      throwIfCancelled(options.signal, 'Reading the weights');
      const name = stored[next++]!;
      arrays.set(name, await source.read(name));
      done += source.info(name).byteLength;
      options.onProgress?.({ phase: 'weights', done, total, unit: 'bytes', detail: name });
    }
  };
  const workers = Array.from({ length: readsInFlight }, () =>
    work().catch((error: unknown) => {
      failed = true;
      throw error;
    }),
  );
  // All are waited for: no read may still be writing into memory when the source is closed.
  for (const worker of await Promise.allSettled(workers)) {
    if (worker.status === 'rejected') throw worker.reason;
  }
  return new Map([...names].map(([name, from]) => [name, arrays.get(from)!]));
};
