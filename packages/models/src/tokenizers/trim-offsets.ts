import type { Offset } from './text-encoding.js';
import { classOf, SPACE } from './unicode.js';

const BYTE_SPACE = 0x120;
const isSpace = (token: string, i: number): boolean => {
  const unit = token.charCodeAt(i);
  return unit === BYTE_SPACE || (classOf(unit) & SPACE) !== 0;
};

/** Leaves the white space at the ends of byte-level tokens out of their offsets, as the reference does. */
export const trimOffsets = (
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
    let start = from;
    let end = to;
    if (leading > 0) {
      if ((k === 0 || start === 0) && prefixSpace) leading--;
      start = Math.min(start + leading, end);
    }
    if (trailing > 0 && end >= trailing) end = Math.max(end - trailing, start);
    return [start, end];
  });
