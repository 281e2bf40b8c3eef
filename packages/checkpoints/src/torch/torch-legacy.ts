import { isError } from '@ntk-lens/core';
import { weightCaps } from '../caps.js';
import { TruncatedWeightFileError, WeightFileFormatError, WeightFileLimitError } from '../errors.js';
import { type RandomAccess, readBytes } from '../source/random-access.js';
import { storedBytes } from '../source/weight-source.js';
import { PickleEndError } from './pickle/pickle-errors.js';
import { type PickleValue, PyDict, PyList, StorageRef } from './pickle/pickle-values.js';
import { unpickle } from './pickle/unpickle.js';
import type { TorchArchive } from './torch-archive.js';

const magic = 0x1950a86a20f9469cfc6cn;
const protocol = 1001;
const firstBytes = 2 ** 20;

/**
 * Reads the format of torch < 1.6: pickles of a magic number, a protocol, the system, the value and the
 * storage keys, then each storage as its element count (8 bytes) and its numbers.
 */
export const readLegacyArchive = async (access: RandomAccess): Promise<TorchArchive> => {
  const { values, end } = await readPickles(access, 5);
  const [, , system, value, keys] = values as [
    PickleValue,
    PickleValue,
    PickleValue,
    PickleValue,
    PickleValue,
  ];
  if (!(system instanceof PyDict) || system.entries.get('little_endian') !== true) {
    throw bad(access, 'numbers that are not little endian', 'little-endian order');
  }
  const storages = new Map<string, StorageRef>();
  for (const storage of storagesOf(value)) storages.set(storage.key, storage);
  const offsets = new Map<string, number>();
  let position = end;
  for (const key of keys instanceof PyList ? keys.items : [null]) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (storage === undefined || offsets.has(storage.key))
      throw bad(access, 'a storage that no tensor uses', 'its tensor');
    const head = await readBytes(access, position, 8);
    const elements = new DataView(head.buffer).getBigInt64(0, true);
    if (elements !== BigInt(storage.elements)) {
      throw bad(access, `a storage of ${elements} elements`, `${storage.elements}`);
    }
    offsets.set(storage.key, position + 8);
    position += 8 + storage.elements * storedBytes[storage.dtype];
    if (position > access.size) throw new TruncatedWeightFileError(access.name, access.size, position);
  }
  return {
    value,
    locate: async (storage) => {
      const offset = offsets.get(storage.key);
      const known = storages.get(storage.key);
      if (offset === undefined || known?.dtype !== storage.dtype || known.elements !== storage.elements) {
        throw bad(access, `no storage "${storage.key.slice(0, 120)}"`, 'one for every tensor');
      }
      return offset;
    },
    verify: async () => {},
  };
};

/** The size of the pickles is not written anywhere: read more until they end. */
const readPickles = async (access: RandomAccess, count: number) => {
  for (let length = Math.min(firstBytes, access.size); ; length = Math.min(length * 4, access.size)) {
    if (length > weightCaps.maxPickleBytes) {
      throw new WeightFileLimitError(access.name, 'maxPickleBytes', length, weightCaps.maxPickleBytes);
    }
    const bytes = await readBytes(access, 0, length);
    try {
      const values: PickleValue[] = [];
      let end = 0;
      while (values.length < count) {
        const pickle = unpickle(bytes, access.name, end);
        values.push(pickle.value);
        end = pickle.end;
        if (values.length === 1 && values[0] !== magic)
          throw bad(access, 'no magic number', 'a file of torch.save');
        if (values.length === 2 && values[1] !== protocol)
          throw bad(access, 'another protocol', `${protocol}`);
      }
      return { values, end };
    } catch (error) {
      if (!isError(error, PickleEndError) || length === access.size) throw error;
    }
  }
};

const storagesOf = (value: PickleValue): Set<StorageRef> => {
  const found = new Set<StorageRef>();
  const seen = new Set<PickleValue>();
  const open: PickleValue[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null || seen.has(next)) continue;
    seen.add(next);
    if (next instanceof StorageRef) found.add(next);
    else if ('storage' in next) found.add(next.storage);
    else if ('items' in next) for (const item of next.items) open.push(item);
    else if ('entries' in next) for (const item of next.entries.values()) open.push(item);
  }
  return found;
};

const bad = (access: RandomAccess, found: string, expected: string): WeightFileFormatError =>
  new WeightFileFormatError(access.name, found, expected);
