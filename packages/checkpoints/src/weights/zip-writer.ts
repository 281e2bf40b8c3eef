import { crc32 } from 'node:zlib';
import type { Append } from '@ntk-lens/core/node';

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
  append: Append,
  zip64From = max32,
): Promise<void> => {
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes } of inputs) {
    const utf8 = Buffer.from(name, 'utf8');
    const size = bytes.byteLength;
    const crc = crc32(bytes);
    const wide = size >= zip64From || offset >= zip64From;
    const wideField = wide ? zip64Field([size, size]) : Buffer.alloc(0);
    const before = offset + 30 + utf8.length + wideField.length + 4;
    const padding = (alignment - (before % alignment)) % alignment;
    const extra = Buffer.concat([wideField, extraField(paddingField, Buffer.alloc(padding))]);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    fields(local, 4, wide, crc, size, utf8.length, extra.length);
    await append(Buffer.concat([local, utf8, extra]));
    await append(bytes);
    const record = Buffer.alloc(46);
    record.writeUInt32LE(0x02014b50, 0);
    record.writeUInt16LE(wide ? 45 : 20, 4);
    const centralExtra = wide ? zip64Field([size, size, offset]) : Buffer.alloc(0);
    fields(record, 6, wide, crc, size, utf8.length, centralExtra.length);
    record.writeUInt32LE(wide ? max32 : offset, 42);
    central.push(record, utf8, centralExtra);
    offset += local.length + utf8.length + extra.length + size;
  }
  const directory = Buffer.concat(central);
  await append(directory);
  await append(endOf(inputs.length, directory.length, offset, zip64From));
};

/** The part that local and central headers share, from "version needed" to the length of the extra field. */
const fields = (
  target: Buffer,
  at: number,
  wide: boolean,
  crc: number,
  size: number,
  nameLength: number,
  extraLength: number,
): void => {
  target.writeUInt16LE(wide ? 45 : 20, at);
  target.writeUInt16LE(0x0800, at + 2); // names are UTF-8
  target.writeUInt16LE(0, at + 4); // stored
  target.writeUInt16LE(0, at + 6); // midnight
  target.writeUInt16LE(0x21, at + 8); // 1 January 1980: equal values give equal bytes
  target.writeUInt32LE(crc, at + 10);
  target.writeUInt32LE(wide ? max32 : size, at + 14);
  target.writeUInt32LE(wide ? max32 : size, at + 18);
  target.writeUInt16LE(nameLength, at + 22);
  target.writeUInt16LE(extraLength, at + 24);
};

const extraField = (id: number, data: Uint8Array): Buffer => {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(id, 0);
  head.writeUInt16LE(data.length, 2);
  return Buffer.concat([head, data]);
};

const zip64Field = (values: readonly number[]): Buffer => {
  const data = Buffer.alloc(8 * values.length);
  for (const [i, value] of values.entries()) data.writeBigUInt64LE(BigInt(value), 8 * i);
  return extraField(1, data);
};

const endOf = (entries: number, size: number, offset: number, zip64From: number): Buffer => {
  const wide = entries >= 0xffff || size >= zip64From || offset >= zip64From;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(wide ? 0xffff : entries, 8);
  end.writeUInt16LE(wide ? 0xffff : entries, 10);
  end.writeUInt32LE(wide ? max32 : size, 12);
  end.writeUInt32LE(wide ? max32 : offset, 16);
  if (!wide) return end;
  const end64 = Buffer.alloc(56);
  end64.writeUInt32LE(0x06064b50, 0);
  end64.writeBigUInt64LE(44n, 4);
  end64.writeUInt16LE(45, 12);
  end64.writeUInt16LE(45, 14);
  end64.writeBigUInt64LE(BigInt(entries), 24);
  end64.writeBigUInt64LE(BigInt(entries), 32);
  end64.writeBigUInt64LE(BigInt(size), 40);
  end64.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(offset + size), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([end64, locator, end]);
};
