/** tables[k][b]: the remainder of byte b with k zero bytes behind it, so that four bytes are taken at once. */
const tables = [0, 1, 2, 3].map(() => new Uint32Array(256));
const [near, second, third, far] = tables as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
for (let byte = 0; byte < 256; byte++) {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0);
  near[byte] = remainder;
}
for (let k = 1; k < tables.length; k++)
  for (let byte = 0; byte < 256; byte++) {
    const before = tables[k - 1]![byte]!;
    tables[k]![byte] = (before >>> 8) ^ near[before & 0xff]!;
  }

/**
 * The checksum of zip files.
 *
 * @param before that of the bytes before these
 */
export const crc32 = (bytes: Uint8Array, before = 0): number => {
  let rest = ~before;
  let i = 0;
  for (; i + 4 <= bytes.length; i += 4) {
    rest ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    rest =
      far[rest & 0xff]! ^ third[(rest >>> 8) & 0xff]! ^ second[(rest >>> 16) & 0xff]! ^ near[rest >>> 24]!;
  }
  for (; i < bytes.length; i++) rest = (rest >>> 8) ^ near[(rest ^ bytes[i]!) & 0xff]!;
  return ~rest >>> 0;
};
