import { NonFiniteWeightError, UnsupportedDTypeError } from './errors.js';
import type { RandomAccess } from './random-access.js';
import { type ElementRange, fill, readElements } from './read-elements.js';
import { weightDTypes } from './weight-source.js';

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
): Promise<Float32Array> => {
  const { dtype, byteOffset, elements } = range;
  if (!(weightDTypes as readonly string[]).includes(dtype)) {
    throw new UnsupportedDTypeError(access.name, tensor, dtype, weightDTypes);
  }
  if (dtype !== 'F64') return (await readElements(access, range)) as Float32Array;
  const data = new Float32Array(elements);
  const chunk = new Float64Array(Math.min(doublesPerChunk, elements));
  for (let start = 0; start < elements; start += chunk.length) {
    const part = chunk.subarray(0, Math.min(chunk.length, elements - start));
    data.set(await fill(access, part, byteOffset + start * 8), start);
  }
  return data;
};

/** Throws {@link NonFiniteWeightError}, which names the tensor, if a number is NaN or infinite. */
export const checkFinite = (data: Float32Array, file: string, tensor: string): void => {
  const bad = findNonFinite(data);
  if (bad >= 0) throw new NonFiniteWeightError(file, tensor, bad, data[bad]!);
};

/** Index of the first NaN or infinity, or -1. Reads bits, four words a turn. */
export const findNonFinite = (data: Float32Array): number => {
  const bits = new Int32Array(data.buffer, data.byteOffset, data.length);
  const whole = bits.length & ~1023;
  const exponent = 0x7f800000;
  // An all-ones exponent plus one carries into the sign bit; no other exponent does.
  const one = 0x00800000;
  let start = 0;
  for (; start < whole; start += 1024) {
    let a = 0;
    let b = 0;
    for (let i = start; i < start + 1024; i += 4) {
      a |= ((bits[i]! & exponent) + one) | ((bits[i + 1]! & exponent) + one);
      b |= ((bits[i + 2]! & exponent) + one) | ((bits[i + 3]! & exponent) + one);
    }
    if ((a | b) < 0) break;
  }
  for (let i = start; i < bits.length; i++) if ((bits[i]! & exponent) === exponent) return i;
  return -1;
};
