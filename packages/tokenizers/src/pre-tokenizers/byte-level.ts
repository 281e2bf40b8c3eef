import { normalizePiece, type Piece, slicePiece } from '../aligned-text.js';
import { prepend } from '../normalizers/character-normalizers.js';
import { classTable, LETTER, NUMBER, SPACE } from '../unicode.js';
import type { PreTokenizer } from './split-piece.js';

const CLASSES = LETTER | NUMBER | SPACE;

/** Length of 's 't 're 've 'm 'll 'd at `i`, where an apostrophe is; 0 for none. */
const contraction = (text: string, i: number): number => {
  const a = text[i + 1];
  if (a === 's' || a === 't' || a === 'm' || a === 'd') return 2;
  const b = text[i + 2];
  if ((a === 'r' && b === 'e') || (a === 'v' && b === 'e') || (a === 'l' && b === 'l')) return 3;
  return 0;
};

/**
 * End of the word that starts at `start`, by GPT-2's expression
 * `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
 */
const endOfWord = (text: string, start: number, table: Uint8Array): number => {
  const first = text.charCodeAt(start);
  if (first === 0x27) {
    const length = contraction(text, start);
    if (length > 0) return start + length;
  }
  let i = start;
  if (first === 0x20 && start + 1 < text.length && !(table[text.charCodeAt(start + 1)]! & SPACE)) i++;
  const kind = table[text.codePointAt(i)!]! & CLASSES;
  while (i < text.length) {
    const c = text.codePointAt(i)!;
    if ((table[c]! & CLASSES) !== kind) break;
    i += c > 0xffff ? 2 : 1;
  }
  // White space leaves its last character to the word that follows.
  return kind === SPACE && i < text.length && i - start > 1 ? i - 1 : i;
};

/** GPT-2's pre-tokenizer without the mapping of bytes; `regex` false only puts the space before. */
export const byteLevelSplit =
  (prefixSpace: boolean, regex: boolean): PreTokenizer =>
  (pieces, track) => {
    const table = classTable();
    const out: Piece[] = [];
    for (let piece of pieces) {
      if (piece.id >= 0) {
        out.push(piece);
        continue;
      }
      if (prefixSpace && !piece.text.startsWith(' ')) piece = normalizePiece(piece, prepend(' '), track);
      if (!regex) {
        out.push(piece);
        continue;
      }
      const text = piece.text;
      for (let start = 0; start < text.length; ) {
        const end = endOfWord(text, start, table);
        out.push(slicePiece(piece, start, end));
        start = end;
      }
    }
    return out;
  };
