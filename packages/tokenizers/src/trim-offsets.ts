import type { Offset } from './text-encoding.js';
import { classOf, SPACE } from './unicode.js';

const BYTE_SPACE = 0x120;

const isSpace = (token: string, i: number): boolean => {
  const unit = token.charCodeAt(i);
  return unit === BYTE_SPACE || (classOf(unit) & SPACE) !== 0;
};

const forward = (text: string, from: number, characters: number, limit: number): number => {
  let i = from;
  for (let k = 0; k < characters && i < limit; k++) i += (text.codePointAt(i) ?? 0) > 0xffff ? 2 : 1;
  return Math.min(i, limit);
};

/** `characters` before `from`, not before `limit`; `from` itself where the text has not that many. */
const backward = (text: string, from: number, characters: number, limit: number): number => {
  let i = from;
  for (let k = 0; k < characters; k++) {
    if (i <= 0) return from;
    i -= (text.charCodeAt(i - 1) & 0xfc00) === 0xdc00 ? 2 : 1;
  }
  return Math.max(i, limit);
};

/** Leaves the white space at the ends of byte-level tokens out of their offsets, as the reference does. */
export const trimOffsets = (
  text: string,
  tokens: readonly string[],
  offsets: readonly Offset[],
  prefixSpace: boolean,
): readonly Offset[] =>
  offsets.map(([from, to], k) => {
    const token = tokens[k]!;
    let leading = 0;
    while (leading < token.length && isSpace(token, leading)) leading++;
    let trailing = 0;
    while (trailing < token.length && isSpace(token, token.length - 1 - trailing)) trailing++;
    if (leading > 0 && (k === 0 || from === 0) && prefixSpace) leading--;
    const start = forward(text, from, leading, to);
    return [start, backward(text, to, trailing, start)];
  });
