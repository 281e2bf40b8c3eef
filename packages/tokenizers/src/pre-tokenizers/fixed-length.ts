import { type Piece, slicePiece } from '../aligned-text.js';
import type { PreTokenizer } from './split-piece.js';

/** Splits after every `length` characters. */
export const fixedLength =
  (length: number): PreTokenizer =>
  (pieces) =>
    pieces.flatMap((piece) => (piece.id >= 0 ? [piece] : chunksOf(piece, length)));

const chunksOf = (piece: Piece, length: number): readonly Piece[] => {
  const chunks: Piece[] = [];
  let [start, end, count] = [0, 0, 0];
  for (const character of piece.text) {
    end += character.length;
    if (++count % length > 0 && end < piece.text.length) continue;
    chunks.push(slicePiece(piece, start, end));
    start = end;
  }
  return chunks;
};
