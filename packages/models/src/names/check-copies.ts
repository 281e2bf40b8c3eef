import { DifferentCopiesError, equalTensors, type WeightSource } from '@ntk-lens/checkpoints';
import { sameShape } from '@ntk-lens/core';
import { WeightShapeError } from './resolve-errors.js';
import { type CheckpointNaming, sameTensor } from './weight-names.js';

/**
 * Refuses a file that holds one tensor of the model under several names with different numbers: which of them a program
 * takes is then chance. Only tensors that are stored twice are read, and those of one place in the file are not.
 *
 * @throws DifferentCopiesError, WeightShapeError
 */
export const checkCopies = async (
  source: WeightSource,
  expected: ReadonlyMap<string, readonly number[]>,
  naming: CheckpointNaming,
): Promise<void> => {
  const checked = new Set<string>();
  for (const [name, shape] of expected) {
    const [first, ...others] = sameTensor(name, naming).filter((place) => source.has(place));
    if (first === undefined || checked.has(first)) continue;
    checked.add(first);
    for (const other of others) {
      const found = source.info(other).shape;
      if (!sameShape(found, shape)) throw new WeightShapeError([{ name: other, found, expected: shape }]);
      if (await equalTensors([source, first], [source, other])) continue;
      const todo =
        'Delete the wrong one; if both are meant, set "tie_word_embeddings": false in config.json.';
      throw new DifferentCopiesError(`"${first}"`, `"${other}"`, todo);
    }
  }
};
