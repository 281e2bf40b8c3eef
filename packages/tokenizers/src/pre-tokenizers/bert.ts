import { type Piece, slicePiece } from '../aligned-text.js';
import { classTable, PUNCTUATION, SPACE } from '../unicode.js';
import type { PreTokenizer } from './split-piece.js';

/** Words between white space; each punctuation mark on its own. */
export const bertSplit: PreTokenizer = (pieces) => {
  const table = classTable();
  const out: Piece[] = [];
  for (const piece of pieces) {
    if (piece.id >= 0) {
      out.push(piece);
      continue;
    }
    const text = piece.text;
    let start = 0;
    for (let i = 0; i < text.length; ) {
      const c = text.codePointAt(i)!;
      const length = c > 0xffff ? 2 : 1;
      const bits = table[c]!;
      if (bits & (SPACE | PUNCTUATION)) {
        if (i > start) out.push(slicePiece(piece, start, i));
        if (!(bits & SPACE)) out.push(slicePiece(piece, i, i + length));
        start = i + length;
      }
      i += length;
    }
    if (start < text.length) out.push(slicePiece(piece, start, text.length));
  }
  return out;
};
