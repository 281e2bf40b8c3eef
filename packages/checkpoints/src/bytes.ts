/** One array of all parts. */
export const concatenated = (parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
};

/** Integers of 1, 2, 4 or 8 bytes, little endian. */
export const littleEndian = (
  ...fields: readonly (readonly [bytes: 1 | 2 | 4 | 8, value: number])[]
): Uint8Array => {
  const result = new Uint8Array(fields.reduce((sum, [bytes]) => sum + bytes, 0));
  let at = 0;
  for (const [bytes, value] of fields) {
    // The remainder of a negative number is its two's complement, byte by byte.
    for (let i = 0, rest = value; i < bytes; i++, rest = Math.floor(rest / 256)) result[at++] = rest & 0xff;
  }
  return result;
};
