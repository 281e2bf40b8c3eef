import type { KnownTensors } from '@ntk-lens/checkpoints';
import { sameShape } from '@ntk-lens/core';
import { commonPrefixes, missingIn } from './common-prefix.js';
import { MissingWeightsError, WeightShapeError } from './resolve-errors.js';
import { refuseOtherTypes } from './stored-types.js';
import { type CheckpointNaming, placesOf } from './weight-names.js';

/**
 * Finds, for every parameter of an architecture, the tensor of a checkpoint that holds it: with or without
 * the base prefix, under old names, and a tied decoder and the word embeddings under either name. Reads nothing;
 * tensors of which only the name is known have the right shape.
 *
 * @param expected transformers' parameter names with the base prefix → shapes
 * @returns parameter name → name in `source`; two parameters may share one
 * @throws MissingWeightsError, listing all of them
 * @throws WeightShapeError, with found and expected shapes; QuantizedModelError and UnsupportedDTypeError for integers
 */
export const resolveWeightNames = (
  source: KnownTensors,
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
    .flatMap(([name, stored]) => {
      const shape = source.info(stored)?.shape;
      return shape ? [{ name, found: shape, expected: expected.get(name)! }] : [];
    })
    .filter((w) => !sameShape(w.found, w.expected));
  if (wrong.length > 0) throw new WeightShapeError(wrong);
  refuseOtherTypes(source, found.values());
  return found;
};

const hintFor = (
  missing: readonly string[],
  source: KnownTensors,
  naming: CheckpointNaming,
): string | undefined => {
  const prefixes = commonPrefixes(source, missing, naming);
  const behind = [...prefixes.keys()].map((prefix) => `"${prefix}"`).join(' and ');
  if (prefixes.size > 1)
    return `Tensors of these names are there behind ${behind}: leave one model in the files, without that prefix.`;
  for (const [prefix, still] of prefixes)
    return `Tensors of these names are there behind "${prefix}", but without that prefix ${still.length} are missing even so: ${still.slice(0, 8).join(', ')}. Check that config.json and the weights belong to the same model.`;
  for (const name of missing) {
    const place = placesOf(name, naming).find((known) => source.unlisted?.has(known));
    if (place !== undefined)
      return `"${place}" is in ${source.unlisted!.get(place)}, but the index of the shards does not name it. Download the index again, or save the model again.`;
  }
  if (!naming.tieWordEmbeddings && missing.length === 1 && missing[0] === naming.rules.decoderWeight)
    return 'By config.json the decoder is a tensor of its own. If it is the word embeddings, set "tie_word_embeddings": true in config.json.';
  const onlyHead = missing.every((name) => naming.rules.head.some((head) => name.startsWith(head)));
  return onlyHead
    ? 'Only the language-model head is missing, since the files were saved from another kind of model. Use a checkpoint of the masked (or causal) language model.'
    : undefined;
};
