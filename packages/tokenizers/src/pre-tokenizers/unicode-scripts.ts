import { type Piece, slicePiece } from '../aligned-text.js';
import { scriptOf } from '../unicode.js';
import type { PreTokenizer } from './split-piece.js';

/**
 * Splits where the script changes; Hiragana and Katakana are of one script with Han. A character of any script, such as a
 * space, stays with what is before it, and is left out where nothing is.
 */
export const unicodeScripts: PreTokenizer = (pieces) => pieces.flatMap(splitPiece);

const splitPiece = (piece: Piece): readonly Piece[] => {
  const { text, id } = piece;
  if (id >= 0) return [piece];
  const starts: number[] = [];
  let last = 0;
  for (let i = 0; i < text.length; ) {
    const codePoint = text.codePointAt(i)!;
    const script = scriptOf(codePoint);
    if (script > 0 && script !== last) starts.push(i);
    if (script > 0) last = script;
    i += codePoint > 0xffff ? 2 : 1;
  }
  return starts.map((start, k) => slicePiece(piece, start, starts[k + 1] ?? text.length));
};
