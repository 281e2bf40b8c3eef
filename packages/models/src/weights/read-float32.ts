import type { FileHandle } from 'node:fs/promises';
import { NonFiniteWeightError } from './errors.js';
import { readExactly } from './read-exactly.js';
import type { WeightDType } from './weight-source.js';

const doublesPerChunk = 2 ** 17;

/** Where `readFloat32` finds the bytes, and how errors name them. */
export interface Float32Request {
  readonly file: string;
  readonly tensor: string;
  readonly dtype: WeightDType;
  readonly byteOffset: number;
  readonly elements: number;
}

/**
 * Reads `elements` numbers into a new Float32Array that owns its buffer. F32 is one read into that buffer;
 * F16 and BF16 are read into its upper half and widened in place; F64 is narrowed in chunks.
 *
 * @throws NonFiniteWeightError if a number is NaN, infinite, or overflows float32
 */
export const readFloat32 = async (handle: FileHandle, request: Float32Request): Promise<Float32Array> => {
  const { file, dtype, byteOffset, elements } = request;
  const data = new Float32Array(elements);
  const bytes = new Uint8Array(data.buffer);
  if (dtype === 'F32') {
    await readExactly(handle, file, bytes, byteOffset);
  } else if (dtype === 'F64') {
    const chunk = new Float64Array(Math.min(doublesPerChunk, elements));
    for (let start = 0; start < elements; start += chunk.length) {
      const part = chunk.subarray(0, Math.min(chunk.length, elements - start));
      const target = new Uint8Array(part.buffer, 0, part.byteLength);
      await readExactly(handle, file, target, byteOffset + start * 8);
      data.set(part, start);
    }
  } else {
    const half = new Uint16Array(data.buffer, elements * 2, elements);
    await readExactly(handle, file, bytes.subarray(elements * 2), byteOffset);
    if (dtype === 'BF16') widenBfloat16(half, data);
    else widenFloat16(half, data);
  }
  const bad = findNonFinite(data);
  if (bad >= 0) throw new NonFiniteWeightError(file, request.tensor, bad, data[bad]!);
  return data;
};

/**
 * Widens IEEE binary16 to binary32, exactly. `half` may be the upper half of `target`'s own buffer: element i
 * is written over bytes that hold only elements already read.
 */
export const widenFloat16 = (half: Uint16Array, target: Float32Array): void => {
  const table = float16Table();
  for (let i = 0; i < half.length; i++) target[i] = table[half[i]!]!;
};

/** Widens bfloat16 to binary32, exactly; `half` may alias the upper half of `target`. */
export const widenBfloat16 = (half: Uint16Array, target: Float32Array): void => {
  const bits = new Uint32Array(target.buffer, target.byteOffset, target.length);
  for (let i = 0; i < half.length; i++) bits[i] = half[i]! << 16;
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

let table: Float32Array | undefined;
const float16Table = (): Float32Array => {
  if (table) return table;
  table = new Float32Array(2 ** 16);
  for (let bits = 0; bits < table.length; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0x1f) table[bits] = fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    else if (exponent === 0) table[bits] = sign * fraction * 2 ** -24;
    else table[bits] = sign * (1024 + fraction) * 2 ** (exponent - 25);
  }
  return table;
};
