import { type NDArray, ndarray, sizeOf } from '@ntk-lens/core';
import { weightCaps } from '../caps.js';
import { WeightFileFormatError, WeightFileLimitError } from '../errors.js';
import { accessTo, type RandomAccess, type WeightBytes } from '../source/random-access.js';
import { readElements } from '../source/read-elements.js';
import { storedBytes } from '../source/weight-source.js';
import { PickleRefusedError } from './pickle/pickle-errors.js';
import { type PickleValue, PyDict, type PyKey, PyList, PyTuple, TensorRef } from './pickle/pickle-values.js';
import { readTorchArchive } from './read-torch-archive.js';
import { gatherView, isContiguous, spanOf } from './read-view.js';
import type { TorchArchive } from './torch-archive.js';

/** A value of a torch file: Python's None, bool, int, float, str, tensor, list or tuple, dict. */
export type TorchValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | NDArray
  | readonly TorchValue[]
  | ReadonlyMap<PyKey, TorchValue>;

/**
 * Reads bytes that `torch.save` made, without running anything in them.
 *
 * @example
 * ```ts
 * const [kernel, labels] = (await torchValueFrom(input.files[0])) as NDArray[];
 * ```
 * @param from bytes, a `Blob`, or a `RandomAccess`, which is closed after
 * @param name name of the file in errors
 * @returns plain values: tensors as {@link NDArray} in C order (float16 and bfloat16 as float32, int64 and
 *   int16 as int32, bool as uint8), tuples and lists as arrays, dictionaries as Maps, integers beyond 2^53 as
 *   bigint. A tensor stored once and named twice is one array.
 * @throws PickleRefusedError if the file asks for anything but these
 * @throws PickleFormatError, PickleEndError, WeightFileFormatError, WeightFileLimitError, WeightReadError,
 *   TruncatedWeightFileError
 */
export const torchValueFrom = async (from: WeightBytes, name = 'torch file'): Promise<TorchValue> => {
  const access = accessTo(from, name);
  try {
    const archive = await readTorchArchive(access);
    return await new Reader(access, archive).plain(archive.value, 0);
  } finally {
    await access.close();
  }
};

class Reader {
  private readonly done = new Map<PickleValue, TorchValue>();
  private readonly arrays = new Map<string, NDArray>();
  private readonly open = new Set<PickleValue>();
  private bytes = 0;

  constructor(
    private readonly access: RandomAccess,
    private readonly archive: TorchArchive,
  ) {}

  async plain(value: PickleValue, depth: number): Promise<TorchValue> {
    if (typeof value !== 'object' || value === null) return value;
    const { name } = this.access;
    if (depth > weightCaps.maxPickleDepth) {
      throw new WeightFileLimitError(name, 'maxPickleDepth', depth, weightCaps.maxPickleDepth);
    }
    const known = this.done.get(value);
    if (known !== undefined) return known;
    if (this.open.has(value))
      throw new WeightFileFormatError(name, 'a container that holds itself', 'a tree of values');
    this.open.add(value);
    const result = await this.container(value, depth);
    this.open.delete(value);
    this.done.set(value, result);
    return result;
  }

  private async container(value: PickleValue & object, depth: number): Promise<TorchValue> {
    if (value instanceof TensorRef) return this.array(value);
    if (value instanceof PyTuple || value instanceof PyList) {
      const items: TorchValue[] = [];
      for (const item of value.items) items.push(await this.plain(item, depth + 1));
      return items;
    }
    if (value instanceof PyDict) {
      const entries = new Map<PyKey, TorchValue>();
      for (const [key, item] of value.entries) entries.set(key, await this.plain(item, depth + 1));
      return entries;
    }
    throw new PickleRefusedError(this.access.name, 'a bare storage or class as a value');
  }

  private async array(tensor: TensorRef): Promise<NDArray> {
    const { storage, offset, shape, strides } = tensor;
    const key = JSON.stringify([storage.key, storage.dtype, offset, shape, strides]);
    const known = this.arrays.get(key);
    if (known !== undefined) return known;
    const itemSize = storedBytes[storage.dtype];
    const contiguous = isContiguous(tensor);
    const elements = contiguous ? sizeOf(shape) : spanOf(tensor);
    this.bytes += Math.max(4, itemSize) * (sizeOf(shape) + (contiguous ? 0 : elements));
    const limit = 4 * this.access.size + weightCaps.maxExpandedBytes;
    if (this.bytes > limit)
      throw new WeightFileLimitError(this.access.name, 'maxExpandedBytes', this.bytes, limit);
    const byteOffset = (await this.archive.locate(storage)) + offset * itemSize;
    await this.archive.verify(storage);
    const span = await readElements(this.access, { dtype: storage.dtype, byteOffset, elements });
    const array = ndarray(contiguous ? span : gatherView(span, tensor), shape);
    this.arrays.set(key, array);
    return array;
  }
}
