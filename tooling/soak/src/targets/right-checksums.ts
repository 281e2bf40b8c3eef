import { crc32 } from 'node:zlib';

const CENTRAL = 0x02014b50;
const CENTRAL_BYTES = 46;
const LOCAL_BYTES = 30;

/** A zip file with the checksums of what its stored members hold now, so that edits in them are read and not refused. */
export const withRightChecksums = (zip: Uint8Array): Uint8Array => {
  const bytes = Buffer.from(zip);
  for (let at = 0; at + CENTRAL_BYTES <= bytes.length; at++) {
    if (bytes.readUInt32LE(at) !== CENTRAL) continue;
    const [size, local] = [bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 42)];
    if (local + LOCAL_BYTES > bytes.length) continue;
    const from = local + LOCAL_BYTES + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    if (from + size > bytes.length) continue;
    const checksum = crc32(bytes.subarray(from, from + size));
    bytes.writeUInt32LE(checksum, at + 16);
    bytes.writeUInt32LE(checksum, local + 14);
  }
  return bytes;
};
