import { BadArgumentError, ndarray, sizeOf } from '@ntk-lens/core';
import { accessTo, bytesFrom, orClosed, type WeightBytes } from '../source/random-access.js';
import { checkFinite, readFloat32, readRows } from '../source/read-float32.js';
import type { WeightSource } from '../source/weight-source.js';
import { readSafetensorsHeader } from './safetensors-header.js';

/** A {@link WeightSource} that also carries the `__metadata__` of its file. */
export interface SafetensorsFile extends WeightSource {
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Reads a safetensors file of bytes. Only the header is read now; it is checked in full.
 *
 * @example
 * ```ts
 * const source = await safetensorsFrom(new Uint8Array(await response.arrayBuffer()), 'model.safetensors');
 * const { data, shape } = await source.read('bert.embeddings.word_embeddings.weight');
 * ```
 * @param from bytes, a `Blob`, or a `RandomAccess`, which closes with the result
 * @param name name of the file in errors
 * @throws WeightFileFormatError, TruncatedWeightFileError, WeightFileLimitError, UnsupportedDTypeError,
 *   WeightReadError
 */
export const safetensorsFrom = async (from: WeightBytes, name?: string): Promise<SafetensorsFile> => {
  const access = accessTo(from, name);
  const { tensors, metadata } = await orClosed(access, () => readSafetensorsHeader(access));
  const info = (tensor: string) => {
    const found = tensors.get(tensor);
    if (found === undefined) throw new BadArgumentError('tensor name', tensor, `a tensor of ${access.name}`);
    return found;
  };
  return {
    metadata,
    names: [...tensors.keys()],
    has: (tensor) => tensors.has(tensor),
    info,
    read: async (tensor, { rows, allocate } = {}) => {
      const { dtype, shape, byteOffset } = info(tensor);
      const range = { dtype, byteOffset, elements: sizeOf(shape) };
      const [height = 1, ...width] = shape;
      const outside = rows?.find((row) => !(Number.isInteger(row) && row >= 0 && row < height));
      if (outside !== undefined)
        throw new BadArgumentError(`row of ${tensor}`, outside, `rows 0 … ${height - 1}`);
      if (rows) {
        const data = await readRows(access, tensor, range, rows, sizeOf(width));
        return ndarray<'float32'>(data, [rows.length, ...width]);
      }
      const data = await readFloat32(access, tensor, range, allocate);
      checkFinite(data, access.name, tensor);
      return ndarray<'float32'>(data, shape);
    },
    bytes: (tensor) => bytesFrom(access, info(tensor).byteOffset, info(tensor).byteLength),
    close: () => access.close(),
  };
};
