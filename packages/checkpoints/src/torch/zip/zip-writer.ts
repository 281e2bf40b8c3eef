import { concatenated, littleEndian } from '../../bytes.js';
import { crc32 } from './crc32.js';

/** One entry to be stored. */
export interface ZipInput {
  readonly name: string;
  readonly bytes: Uint8Array;
}

// torch maps storages into memory, which wants them aligned; the padding goes into an extra field, as torch's does.
const alignment = 64;
const paddingField = 0x4246;
const max32 = 0xffffffff;

/**
 * Writes a zip file of stored entries, each one's data aligned to 64 bytes, with zip64 where 4 GiB are passed.
 *
 * @param zip64From size or offset from which zip64 fields are written; lower it only in tests
 */
export const writeZip = async (
  inputs: readonly ZipInput[],
  append: (bytes: Uint8Array) => Promise<void>,
  zip64From = max32,
): Promise<void> => {
  const central: Uint8Array[] = [];
  let offset = 0;
  for (const { name, bytes } of inputs) {
    const utf8 = new TextEncoder().encode(name);
    const size = bytes.byteLength;
    const crc = crc32(bytes);
    const wide = size >= zip64From || offset >= zip64From;
    const wideField = wide ? zip64Field([size, size]) : new Uint8Array(0);
    const before = offset + 30 + utf8.length + wideField.length + 4;
    const padding = (alignment - (before % alignment)) % alignment;
    const extra = concatenated([wideField, extraField(paddingField, new Uint8Array(padding))]);
    /** The part that local and central headers share. */
    const shared = (extraLength: number) =>
      littleEndian(
        [2, wide ? 45 : 20],
        [2, 0x0800], // names are UTF-8
        [2, 0], // stored
        [2, 0], // midnight
        [2, 0x21], // 1 January 1980: equal values give equal bytes
        [4, crc],
        [4, wide ? max32 : size],
        [4, wide ? max32 : size],
        [2, utf8.length],
        [2, extraLength],
      );
    const local = concatenated([littleEndian([4, 0x04034b50]), shared(extra.length), utf8, extra]);
    await append(local);
    await append(bytes);
    const centralExtra = wide ? zip64Field([size, size, offset]) : new Uint8Array(0);
    central.push(
      littleEndian([4, 0x02014b50], [2, wide ? 45 : 20]),
      shared(centralExtra.length),
      // No comment, disk 0, no attributes.
      littleEndian([2, 0], [2, 0], [2, 0], [4, 0], [4, wide ? max32 : offset]),
      utf8,
      centralExtra,
    );
    offset += local.length + size;
  }
  const directory = concatenated(central);
  await append(directory);
  await append(endOf(inputs.length, directory.length, offset, zip64From));
};

const extraField = (id: number, data: Uint8Array): Uint8Array =>
  concatenated([littleEndian([2, id], [2, data.length]), data]);

const zip64Field = (values: readonly number[]): Uint8Array =>
  extraField(1, littleEndian(...values.map((value) => [8, value] as const)));

const endOf = (entries: number, size: number, offset: number, zip64From: number): Uint8Array => {
  const wide = entries >= 0xffff || size >= zip64From || offset >= zip64From;
  const count = wide ? 0xffff : entries;
  const places = [wide ? max32 : size, wide ? max32 : offset] as const;
  const end = littleEndian(
    [4, 0x06054b50],
    [4, 0],
    [2, count],
    [2, count],
    [4, places[0]],
    [4, places[1]],
    [2, 0],
  );
  if (!wide) return end;
  const end64 = concatenated([
    littleEndian([4, 0x06064b50], [8, 44], [2, 45], [2, 45], [8, 0]),
    littleEndian([8, entries], [8, entries], [8, size], [8, offset]),
  ]);
  const locator = littleEndian([4, 0x07064b50], [4, 0], [8, offset + size], [4, 1]);
  return concatenated([end64, locator, end]);
};
