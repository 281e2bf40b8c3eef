import { BadArgumentError, ndarray, sizeOf } from '@ntk-lens/core';
import { weightCaps } from '../caps.js';
import { WeightFileFormatError, WeightFileLimitError } from '../errors.js';
import {
  accessTo,
  bytesFrom,
  orClosed,
  type RandomAccess,
  type WeightBytes,
} from '../source/random-access.js';
import { checkFinite, readFloat32 } from '../source/read-float32.js';
import { storedBytes, type WeightInfo, type WeightSource } from '../source/weight-source.js';
import { PyDict, TensorRef } from './pickle/pickle-values.js';
import { readTorchArchive } from './read-torch-archive.js';
import { gatherView, isContiguous, spanOf } from './read-view.js';

/**
 * Reads a `pytorch_model.bin` without running anything in it: the pickle may only describe tensors.
 *
 * @param from bytes, a `Blob`, or a `RandomAccess`, which closes with the result
 * @param name name of the file in errors
 * @throws PickleRefusedError if it asks for more; PickleFormatError, WeightFileFormatError,
 * WeightFileLimitError
 */
export const torchWeightsFrom = async (from: WeightBytes, name?: string): Promise<WeightSource> => {
  const access = accessTo(from, name);
  return orClosed(access, () => read(access));
};

const read = async (access: RandomAccess): Promise<WeightSource> => {
  const file = access.name;
  const archive = await readTorchArchive(access);
  const state = archive.value instanceof PyDict ? [...archive.value.entries] : [];
  const tensors = new Map<string, TensorRef>();
  const infos = new Map<string, WeightInfo>();
  for (const [name, value] of state) {
    if (typeof name !== 'string' || !(value instanceof TensorRef)) continue;
    if (tensors.size === weightCaps.maxTensors) {
      throw new WeightFileLimitError(file, 'maxTensors', state.length, weightCaps.maxTensors);
    }
    const { dtype } = value.storage;
    const bytes = storedBytes[dtype];
    const contiguous = isContiguous(value);
    const limit = 4 * access.size + weightCaps.maxExpandedBytes;
    if (!contiguous && sizeOf(value.shape) * bytes > limit) {
      throw new WeightFileLimitError(file, 'maxExpandedBytes', sizeOf(value.shape) * bytes, limit);
    }
    tensors.set(name, value);
    infos.set(name, {
      shape: value.shape,
      dtype,
      file,
      byteOffset: (await archive.locate(value.storage)) + value.offset * bytes,
      byteLength: (contiguous ? sizeOf(value.shape) : spanOf(value)) * bytes,
      contiguous,
    });
  }
  if (tensors.size === 0) {
    throw new WeightFileFormatError(file, 'no tensors at the top level', 'a dictionary of named tensors');
  }
  const info = (name: string): WeightInfo => {
    const found = infos.get(name);
    if (found === undefined) throw new BadArgumentError('tensor name', name, `a tensor of ${file}`);
    return found;
  };
  return {
    names: [...tensors.keys()],
    has: (name) => tensors.has(name),
    info,
    read: async (name, { allocate } = {}) => {
      const { dtype, byteOffset, byteLength, shape, contiguous } = info(name);
      await archive.verify(tensors.get(name)!.storage);
      const range = { dtype, byteOffset, elements: byteLength / storedBytes[dtype] };
      const span = await readFloat32(access, name, range, contiguous ? allocate : undefined);
      const data = contiguous ? span : gatherView(span, tensors.get(name)!);
      checkFinite(data, file, name);
      return ndarray<'float32'>(data, shape);
    },
    bytes: async function* (name) {
      const { byteOffset, byteLength } = info(name);
      await archive.verify(tensors.get(name)!.storage);
      yield* bytesFrom(access, byteOffset, byteLength);
    },
    close: () => access.close(),
  };
};
