import { BadArgumentError, ndarray, sizeOf } from '@ntk-lens/core';
import { UnsupportedDTypeError } from './errors.js';
import { openFile, readExactly } from './read-exactly.js';
import { readFloat32 } from './read-float32.js';
import { parseSafetensorsHeader, safetensorsHeaderLength } from './safetensors-header.js';
import { type WeightDType, type WeightSource, weightDTypes } from './weight-source.js';

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
  const handle = await openFile(file);
  try {
    const { size } = await handle.stat();
    const first = new Uint8Array(8);
    if (size >= 8) await readExactly(handle, file, first, 0);
    const json = new Uint8Array(safetensorsHeaderLength(first, file, size));
    await readExactly(handle, file, json, 8);
    const { tensors, metadata } = parseSafetensorsHeader(json, file, size);
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
        if (!(weightDTypes as readonly string[]).includes(dtype)) {
          throw new UnsupportedDTypeError(file, name, dtype, weightDTypes);
        }
        const request = {
          file,
          tensor: name,
          dtype: dtype as WeightDType,
          byteOffset,
          elements: sizeOf(shape),
        };
        return ndarray<'float32'>(await readFloat32(handle, request), shape);
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
};
