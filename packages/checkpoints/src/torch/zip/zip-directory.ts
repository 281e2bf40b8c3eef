import { weightCaps } from '../../caps.js';
import { WeightFileFormatError, WeightFileLimitError } from '../../errors.js';
import { type RandomAccess, readBytes } from '../../source/random-access.js';

/** A stored (uncompressed) entry of a zip file. */
export interface ZipEntry {
  readonly name: string;
  readonly size: number;
  readonly crc32: number;
  readonly localHeader: number;
}

const endSize = 22;
const maxComment = 65_535;
const end64LocatorSize = 20;
const localHeaderSize = 30;

/**
 * Reads the central directory of a zip file (with zip64). Entries must be stored, as torch.save stores them,
 * so that every byte is read in place and nothing can unpack to more than the file.
 *
 * @throws WeightFileFormatError, WeightFileLimitError
 */
export const readZipDirectory = async (access: RandomAccess): Promise<ReadonlyMap<string, ZipEntry>> => {
  const { entries, offset, size } = await findDirectory(access);
  const cap = weightCaps.maxHeaderBytes;
  if (size > cap) throw new WeightFileLimitError(access.name, 'maxHeaderBytes', size, cap);
  if (entries > weightCaps.maxZipEntries) {
    throw new WeightFileLimitError(access.name, 'maxZipEntries', entries, weightCaps.maxZipEntries);
  }
  const bytes = await readBytes(access, offset, size);
  const view = viewOf(bytes);
  const found = new Map<string, ZipEntry>();
  let at = 0;
  for (let i = 0; i < entries; i++) {
    if (at + 46 > size || view.getUint32(at, true) !== 0x02014b50)
      throw bad(access, 'a broken zip directory');
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const next = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true);
    if (next > size) throw bad(access, 'a broken zip directory');
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    if (view.getUint16(at + 8, true) & 1) throw bad(access, `the encrypted entry "${name}"`);
    const extra = bytes.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
    const wide = zip64Fields(
      [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)],
      extra,
      access,
    );
    const [entrySize, packedSize, localHeader] = wide as [number, number, number];
    if (view.getUint16(at + 10, true) !== 0 || entrySize !== packedSize) {
      throw bad(access, `the compressed entry "${name.slice(0, 120)}"`);
    }
    if (localHeader + localHeaderSize + entrySize > access.size) {
      throw bad(access, `the entry "${name.slice(0, 120)}" beyond the end of the file`);
    }
    if (found.has(name)) throw bad(access, `the entry "${name.slice(0, 120)}" twice`);
    found.set(name, { name, size: entrySize, crc32: view.getUint32(at + 16, true), localHeader });
    at = next;
  }
  return found;
};

/** Position of an entry's first data byte; its local header says. */
export const zipDataOffset = async (access: RandomAccess, entry: ZipEntry): Promise<number> => {
  const view = viewOf(await readBytes(access, entry.localHeader, localHeaderSize));
  if (view.getUint32(0, true) !== 0x04034b50) throw bad(access, `no entry where "${entry.name}" should be`);
  const offset = entry.localHeader + localHeaderSize + view.getUint16(26, true) + view.getUint16(28, true);
  if (offset + entry.size > access.size)
    throw bad(access, `the entry "${entry.name}" beyond the end of the file`);
  return offset;
};

const findDirectory = async (access: RandomAccess) => {
  const tailSize = Math.min(access.size, endSize + maxComment);
  const tailStart = access.size - tailSize;
  const view = viewOf(await readBytes(access, tailStart, tailSize));
  let at = tailSize - endSize;
  while (at >= 0 && view.getUint32(at, true) !== 0x06054b50) at--;
  if (at < 0) throw bad(access, 'no zip directory at the end: the file is truncated');
  const [entries, size, offset] = [
    view.getUint16(at + 10, true),
    view.getUint32(at + 12, true),
    view.getUint32(at + 16, true),
  ];
  const isZip64 = entries === 0xffff || size === 0xffffffff || offset === 0xffffffff;
  const locatorAt = at - end64LocatorSize;
  if (isZip64 && locatorAt >= 0 && view.getUint32(locatorAt, true) === 0x07064b50) {
    const position = Number(view.getBigUint64(locatorAt + 8, true));
    const end64 = viewOf(await readBytes(access, position, 56));
    if (end64.getUint32(0, true) !== 0x06064b50) throw bad(access, 'a broken zip64 directory');
    return {
      entries: Number(end64.getBigUint64(32, true)),
      size: Number(end64.getBigUint64(40, true)),
      offset: Number(end64.getBigUint64(48, true)),
    };
  }
  return { entries, size, offset };
};

/** Replaces each field of 0xffffffff by its value in the zip64 extra field, in this order. */
const zip64Fields = (
  fields: readonly number[],
  extra: Uint8Array,
  access: RandomAccess,
): readonly number[] => {
  if (fields.every((field) => field !== 0xffffffff)) return fields;
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.length; ) {
    const length = view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1) {
      let from = at + 4;
      return fields.map((field) => {
        if (field !== 0xffffffff) return field;
        if (from + 8 > at + 4 + length || from + 8 > extra.length) throw bad(access, 'a broken zip64 entry');
        from += 8;
        return Number(view.getBigUint64(from - 8, true));
      });
    }
    at += 4 + length;
  }
  throw bad(access, 'a zip64 entry without its sizes');
};

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const bad = (access: RandomAccess, found: string): WeightFileFormatError =>
  new WeightFileFormatError(access.name, found, 'a zip file of stored entries, as torch.save writes');
