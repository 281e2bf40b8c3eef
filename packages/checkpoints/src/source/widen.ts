/**
 * Widens IEEE binary16 to binary32, exactly. `half` may be the upper half of `target`'s own buffer: element i
 * is written over bytes that hold only elements already read.
 */
export const widenFloat16 = (half: Uint16Array, target: Float32Array): void => {
  const table = float16Table();
  for (let i = 0; i < half.length; i++) target[i] = table[half[i]!]!;
};

/** Widens bfloat16 to binary32, exactly; `half` may alias the upper half of `target`. */
export const widenBfloat16 = (half: Uint16Array, target: Float32Array): void => {
  const bits = new Int32Array(target.buffer, target.byteOffset, target.length);
  // Two at a time are a third faster. Where they do not lie so, one by one.
  const pairs = half.byteOffset % 4 === 0 ? half.length >> 1 : 0;
  const words = new Int32Array(half.buffer, half.byteOffset - (half.byteOffset % 4), pairs);
  for (let i = 0; i < pairs; i++) {
    const word = words[i]!;
    bits[2 * i] = word << 16;
    bits[2 * i + 1] = word & 0xffff0000;
  }
  for (let i = 2 * pairs; i < half.length; i++) bits[i] = half[i]! << 16;
};

let table: Float32Array | undefined;
const float16Table = (): Float32Array => {
  if (table) return table;
  table = new Float32Array(2 ** 16);
  for (let bits = 0; bits < table.length; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0x1f) table[bits] = fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    else if (exponent === 0) table[bits] = sign * fraction * 2 ** -24;
    else table[bits] = sign * (1024 + fraction) * 2 ** (exponent - 25);
  }
  return table;
};
