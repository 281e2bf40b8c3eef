import { accessTo } from '../../source/random-access.js';
import { readZipDirectory, type ZipEntry, zipDataOffset } from '../zip/zip-directory.js';

/** The storages of a torch file. */
export const storageEntries = async (bytes: Uint8Array): Promise<readonly ZipEntry[]> =>
  [...(await readZipDirectory(accessTo(bytes))).values()].filter(
    ({ name, size }) => /\/data\/\d+$/.test(name) && size > 0,
  );

/** The position at which an entry's bytes begin. */
export const bytesAt = (bytes: Uint8Array, entry: ZipEntry): Promise<number> =>
  zipDataOffset(accessTo(bytes), entry);
