import { sameShape } from '@ntk-lens/core';
import { type WeightSource, weightDTypes } from './weight-source.js';

type Stored = readonly [source: WeightSource, name: string];

/**
 * True where two stored tensors are the same numbers, whatever their types. Tensors of one type are compared a piece at a time, and
 * those of one place in one file are not read.
 */
export const equalTensors = async ([left, a]: Stored, [right, b]: Stored): Promise<boolean> => {
  const [x, y] = [left.info(a), right.info(b)];
  if (!sameShape(x.shape, y.shape)) return false;
  const sameType = x.dtype === y.dtype && x.contiguous && y.contiguous;
  if (sameType && x.file === y.file && x.byteOffset === y.byteOffset) return true;
  if (sameType && (await equalBytes(left.bytes(a), right.bytes(b)))) return true;
  const areWeights = [x, y].every(({ dtype }) => (weightDTypes as readonly string[]).includes(dtype));
  if (!areWeights) return false;
  const [first, second] = [await left.read(a), await right.read(b)];
  return first.data.every((value, i) => value === second.data[i]);
};

/** Both streams give pieces of equal lengths, since the tensors have one. */
const equalBytes = async (
  left: AsyncIterable<Uint8Array>,
  right: AsyncIterable<Uint8Array>,
): Promise<boolean> => {
  const others = right[Symbol.asyncIterator]();
  for await (const piece of left) {
    const { value: other } = await others.next();
    if (piece.length !== other?.length) return false;
    for (let i = 0; i < piece.length; i++) if (piece[i] !== other[i]) return false;
  }
  return true;
};
