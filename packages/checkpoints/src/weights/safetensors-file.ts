import { BadArgumentError, ndarray, sizeOf } from '@ntk-lens/core';
import { openFile, readBytes } from './random-access.js';
import { checkFinite, readFloat32 } from './read-float32.js';
import { parseSafetensorsHeader, safetensorsHeaderLength } from './safetensors-header.js';
import type { WeightSource } from './weight-source.js';

/** A {@link WeightSource} that also carries the `__metadata__` of its file. */
export interface SafetensorsFile extends WeightSource {
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Opens one safetensors file. Only the header is read; it is checked in full.
 *
 * @example
 * ```ts
 * const source = await openSafetensors('model.safetensors');
 * const { data, shape } = await source.read('bert.embeddings.word_embeddings.weight');
 * await source.close();
 * ```
 * @throws WeightFileFormatError, TruncatedWeightFileError, WeightFileLimitError, UnsupportedDTypeError,
 *   WeightReadError
 */
export const openSafetensors = async (file: string): Promise<SafetensorsFile> => {
  const access = await openFile(file);
  try {
    const first = await readBytes(access, 0, Math.min(8, access.size));
    const json = await readBytes(access, 8, safetensorsHeaderLength(first, file, access.size));
    const { tensors, metadata } = parseSafetensorsHeader(json, file, access.size);
    const info = (name: string) => {
      const found = tensors.get(name);
      if (found === undefined) throw new BadArgumentError('tensor name', name, `a tensor of ${file}`);
      return found;
    };
    return {
      metadata,
      names: [...tensors.keys()],
      has: (name) => tensors.has(name),
      info,
      read: async (name) => {
        const { dtype, shape, byteOffset } = info(name);
        const data = await readFloat32(access, name, { dtype, byteOffset, elements: sizeOf(shape) });
        checkFinite(data, file, name);
        return ndarray<'float32'>(data, shape);
      },
      close: () => access.close(),
    };
  } catch (error) {
    await access.close();
    throw error;
  }
};
