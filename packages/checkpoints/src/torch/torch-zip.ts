import { weightCaps } from '../caps.js';
import { WeightFileFormatError, WeightFileLimitError } from '../errors.js';
import { bytesFrom, type RandomAccess, readBytes } from '../source/random-access.js';
import { storedBytes } from '../source/weight-source.js';
import type { StorageRef } from './pickle/pickle-values.js';
import { unpickle } from './pickle/unpickle.js';
import type { TorchArchive } from './torch-archive.js';
import { crc32 } from './zip/crc32.js';
import { readZipDirectory, type ZipEntry, zipDataOffset } from './zip/zip-directory.js';

/** Reads the format of torch ≥ 1.6: a zip file of a pickle and, uncompressed, each storage. */
export const readZipArchive = async (access: RandomAccess): Promise<TorchArchive> => {
  const entries = await readZipDirectory(access);
  const pickles = [...entries.values()].filter(({ name }) => /^[^/]*\/data\.pkl$/.test(name));
  const pickle = pickles[0];
  if (pickle === undefined || pickles.length > 1) {
    throw new WeightFileFormatError(access.name, `${pickles.length} entries data.pkl in the zip file`, 'one');
  }
  if (pickle.size > weightCaps.maxPickleBytes) {
    throw new WeightFileLimitError(access.name, 'maxPickleBytes', pickle.size, weightCaps.maxPickleBytes);
  }
  const prefix = pickle.name.slice(0, -'data.pkl'.length);
  const order = entries.get(`${prefix}byteorder`);
  if (order !== undefined) {
    const text = await readBytes(access, await zipDataOffset(access, order), Math.min(order.size, 16));
    if (new TextDecoder().decode(text) !== 'little') {
      throw new WeightFileFormatError(access.name, 'numbers in big-endian order', 'little-endian order');
    }
  }
  const bytes = await readBytes(access, await zipDataOffset(access, pickle), pickle.size);
  if (crc32(bytes) !== pickle.crc32) {
    throw new WeightFileFormatError(access.name, 'a data.pkl with a wrong checksum', 'an undamaged file');
  }
  const entryOf = (storage: StorageRef): ZipEntry => {
    const entry = entries.get(`${prefix}data/${storage.key}`);
    const needed = storage.elements * storedBytes[storage.dtype];
    if (entry?.size === needed) return entry;
    throw new WeightFileFormatError(
      access.name,
      entry === undefined ? `no storage "${storage.key.slice(0, 120)}"` : `a storage of ${entry.size} bytes`,
      `${needed} bytes for ${storage.elements} × ${storage.dtype}`,
    );
  };
  const verified = new Map<string, Promise<void>>();
  return {
    value: unpickle(bytes, access.name).value,
    locate: (storage) => zipDataOffset(access, entryOf(storage)),
    verify: (storage) => {
      const known = verified.get(storage.key) ?? checkSum(access, entryOf(storage));
      verified.set(storage.key, known);
      return known;
    },
  };
};

const checkSum = async (access: RandomAccess, entry: ZipEntry): Promise<void> => {
  // torch can be set to write none (`set_crc32_options`).
  if (entry.crc32 === 0) return;
  let sum = 0;
  for await (const piece of bytesFrom(access, await zipDataOffset(access, entry), entry.size))
    sum = crc32(piece, sum);
  if (sum !== entry.crc32)
    throw new WeightFileFormatError(access.name, `${entry.name} with a wrong checksum`, 'an undamaged file');
};
