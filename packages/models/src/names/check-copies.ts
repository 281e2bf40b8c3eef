import type { WeightSource } from '@ntk-lens/checkpoints';
import { sameShape } from '@ntk-lens/core';
import { DifferentCopiesError, WeightShapeError } from './resolve-errors.js';
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
      if (!(await equal(source, first, other))) throw new DifferentCopiesError(first, other);
    }
  }
};

const equal = async (source: WeightSource, a: string, b: string): Promise<boolean> => {
  const [x, y] = [source.info(a), source.info(b)];
  if (x.dtype === y.dtype && x.file === y.file && x.byteOffset === y.byteOffset) return true;
  const [left, right] = [await source.read(a), await source.read(b)];
  return left.data.every((value, i) => value === right.data[i]);
};
