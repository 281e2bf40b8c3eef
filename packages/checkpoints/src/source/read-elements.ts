import type { DTypeArrays } from '@ntk-lens/core';
import { WeightFileFormatError } from '../errors.js';
import { type RandomAccess, readBytes } from './random-access.js';
import { type StoredDType, storedBytes } from './weight-source.js';
import { widenBfloat16, widenFloat16 } from './widen.js';

const elementsPerChunk = 2 ** 17;

/** The place and type of elements. */
export interface ElementRange {
  readonly dtype: StoredDType;
  readonly byteOffset: number;
  readonly elements: number;
}

type Allocate = (bytes: number) => ArrayBuffer;

type Numbers = DTypeArrays[keyof DTypeArrays];

/**
 * Reads elements into a new typed array that owns its buffer. One read fills it with float64, float32, int32,
 * int8 and uint8; F16 and BF16 are widened to float32 in place; I64 is narrowed and I16 widened to int32;
 * BOOL is uint8.
 *
 * @param allocate memory for float32
 * @throws WeightFileFormatError if an I64 does not fit int32, or the type has no counterpart
 */
export const readElements = async (
  access: RandomAccess,
  range: ElementRange,
  allocate: Allocate = (bytes) => new ArrayBuffer(bytes),
): Promise<Numbers> => {
  const { dtype, byteOffset, elements } = range;
  // Before any memory is taken: the range must lie in the file.
  if (byteOffset + elements * storedBytes[dtype] > access.size) await readBytes(access, access.size, 1);
  switch (dtype) {
    case 'F64':
      return fill(access, new Float64Array(elements), byteOffset);
    case 'F32':
      return fill(access, new Float32Array(allocate(4 * elements)), byteOffset);
    case 'F16':
    case 'BF16': {
      const data = new Float32Array(allocate(4 * elements));
      const half = new Uint16Array(data.buffer, elements * 2, elements);
      await fill(access, half, byteOffset);
      (dtype === 'F16' ? widenFloat16 : widenBfloat16)(half, data);
      return data;
    }
    case 'I32':
      return fill(access, new Int32Array(elements), byteOffset);
    case 'I16':
      return Int32Array.from(await fill(access, new Int16Array(elements), byteOffset));
    case 'I8':
      return fill(access, new Int8Array(elements), byteOffset);
    case 'U8':
    case 'BOOL':
      return fill(access, new Uint8Array(elements), byteOffset);
    case 'I64':
      return readInt64(access, byteOffset, elements);
    default:
      throw new WeightFileFormatError(access.name, `numbers of type ${dtype}`, 'floats or signed integers');
  }
};

/** Reads the bytes of a typed array from a file. */
export const fill = async <T extends ArrayBufferView>(
  access: RandomAccess,
  target: T,
  byteOffset: number,
): Promise<T> => {
  await access.read(new Uint8Array(target.buffer, target.byteOffset, target.byteLength), byteOffset);
  return target;
};

const readInt64 = async (access: RandomAccess, byteOffset: number, elements: number): Promise<Int32Array> => {
  const data = new Int32Array(elements);
  for (let start = 0; start < elements; start += elementsPerChunk) {
    const words = new Int32Array(2 * Math.min(elementsPerChunk, elements - start));
    await fill(access, words, byteOffset + start * 8);
    for (let i = 0; i < words.length; i += 2) {
      if (words[i + 1] !== words[i]! >> 31) {
        const value = BigInt(words[i + 1]!) * 2n ** 32n + BigInt(words[i]! >>> 0);
        throw new WeightFileFormatError(access.name, `the integer ${value}`, 'integers of 32 bits');
      }
      data[start + i / 2] = words[i]!;
    }
  }
  return data;
};
