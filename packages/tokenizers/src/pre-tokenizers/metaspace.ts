import { normalizePiece, originalStart, type Piece, slicePiece } from '../aligned-text.js';
import { prepend } from '../normalizers/character-normalizers.js';
import { replace } from '../normalizers/replace.js';
import { literalPattern } from '../patterns/read-pattern.js';
import type { PreTokenizer } from './split-piece.js';

export type PrependScheme = 'always' | 'first' | 'never';

/** SentencePiece's spaces: `replacement` for each, one before the text by `scheme`, words start with it. */
export const metaspace = (replacement: string, scheme: PrependScheme, split: boolean): PreTokenizer => {
  const spaces = replace(literalPattern(' '), replacement);
  const prefix = prepend(replacement);
  return (pieces, track) => {
    const out: Piece[] = [];
    for (const given of pieces) {
      if (given.id >= 0) {
        out.push(given);
        continue;
      }
      let piece = given;
      if (track) piece = normalizePiece(piece, spaces, true);
      else if (piece.text.includes(' '))
        piece = { ...piece, text: piece.text.replaceAll(' ', () => replacement) };
      const wanted = scheme === 'always' || (scheme === 'first' && originalStart(given, 0) === 0);
      if (wanted && !piece.text.startsWith(replacement)) piece = normalizePiece(piece, prefix, track);
      if (!split) {
        out.push(piece);
        continue;
      }
      const { text } = piece;
      for (let start = 0; start < text.length; ) {
        const next = text.indexOf(replacement, start + 1);
        const end = next < 0 ? text.length : next;
        out.push(start === 0 && end === text.length ? piece : slicePiece(piece, start, end));
        start = end;
      }
    }
    return out;
  };
};
