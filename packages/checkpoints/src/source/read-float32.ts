import { NonFiniteWeightError, UnsupportedDTypeError } from '../errors.js';
import type { RandomAccess } from './random-access.js';
import { type ElementRange, fill, readElements } from './read-elements.js';
import { type ReadOptions, storedBytes, weightDTypes } from './weight-source.js';

const doublesPerChunk = 2 ** 17;

/**
 * Reads weights as float32 into a new array that owns its buffer. F32 is one read into that buffer; F64 is
 * narrowed in chunks. Not yet checked for NaN; see {@link checkFinite}.
 *
 * @throws UnsupportedDTypeError for integers and booleans
 */
export const readFloat32 = async (
  access: RandomAccess,
  tensor: string,
  range: ElementRange,
  allocate?: ReadOptions['allocate'],
): Promise<Float32Array> => {
  const { dtype, byteOffset, elements } = range;
  if (!(weightDTypes as readonly string[]).includes(dtype)) {
    throw new UnsupportedDTypeError(access.name, tensor, dtype, weightDTypes);
  }
  if (dtype !== 'F64') return (await readElements(access, range, allocate)) as Float32Array;
  const data = new Float32Array(elements);
  const chunk = new Float64Array(Math.min(doublesPerChunk, elements));
  for (let start = 0; start < elements; start += chunk.length) {
    const part = chunk.subarray(0, Math.min(chunk.length, elements - start));
    data.set(await fill(access, part, byteOffset + start * 8), start);
  }
  return data;
};

/**
 * Rows of a tensor, in this order, as {@link readFloat32} reads them and checked for NaN; those that lie one after another
 * are one read.
 *
 * @param width numbers of a row
 */
export const readRows = async (
  access: RandomAccess,
  tensor: string,
  { dtype, byteOffset }: ElementRange,
  rows: readonly number[],
  width: number,
): Promise<Float32Array> => {
  const data = new Float32Array(rows.length * width);
  for (let from = 0, to = 0; from < rows.length; from = to) {
    const first = rows[from]!;
    for (to = from + 1; rows[to] === first + to - from; ) to++;
    const start = byteOffset + first * width * storedBytes[dtype];
    const range = { dtype, byteOffset: start, elements: (to - from) * width };
    const piece = await readFloat32(access, tensor, range);
    checkFinite(piece, access.name, tensor, first * width);
    data.set(piece, from * width);
  }
  return data;
};

/**
 * Throws {@link NonFiniteWeightError}, which names the tensor, if a number is NaN or infinite.
 *
 * @param from place of the first number in the tensor
 */
export const checkFinite = (data: Float32Array, file: string, tensor: string, from = 0): void => {
  const bad = findNonFinite(data);
  if (bad >= 0) throw new NonFiniteWeightError(file, tensor, from + bad, data[bad]!);
};

/**
 * Index of the first NaN or infinity, or -1. A float64 sum of float32 numbers cannot overflow, so it is finite
 * exactly when all of them are: a third faster than looking at exponents.
 */
export const findNonFinite = (data: Float32Array): number => {
  const whole = data.length & ~7;
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let i = 0; i < whole; i += 8) {
    a += data[i]! + data[i + 1]!;
    b += data[i + 2]! + data[i + 3]!;
    c += data[i + 4]! + data[i + 5]!;
    d += data[i + 6]! + data[i + 7]!;
  }
  const start = Number.isFinite(a + b + c + d) ? whole : 0;
  for (let i = start; i < data.length; i++) if (!Number.isFinite(data[i])) return i;
  return -1;
};
