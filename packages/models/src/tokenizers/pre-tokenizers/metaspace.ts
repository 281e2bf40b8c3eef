import { normalizePiece, originalStart, type Piece } from '../aligned-text.js';
import { prepend } from '../normalizers/character-normalizers.js';
import { replace } from '../normalizers/replace.js';
import type { Pattern } from '../patterns.js';
import { type PreTokenizer, splitAt } from './split-piece.js';

export type PrependScheme = 'always' | 'first' | 'never';

const each =
  (needle: string): Pattern =>
  (text, visit) => {
    for (let i = text.indexOf(needle); i >= 0; i = text.indexOf(needle, i + needle.length))
      visit(i, i + needle.length);
  };

/** SentencePiece's spaces: `replacement` for each, one before the text by `scheme`, words start with it. */
export const metaspace = (replacement: string, scheme: PrependScheme, split: boolean): PreTokenizer => {
  const spaces = replace(each(' '), replacement);
  const prefix = prepend(replacement);
  const cut = splitAt(each(replacement), 'MergedWithNext');
  return (pieces, track) => {
    const spaced = pieces.map((piece): Piece => {
      if (piece.id >= 0) return piece;
      const first = originalStart(piece, 0) === 0;
      const changed = normalizePiece(piece, spaces, track);
      const wanted = scheme === 'always' || (scheme === 'first' && first);
      return wanted && !changed.text.startsWith(replacement)
        ? normalizePiece(changed, prefix, track)
        : changed;
    });
    return split ? cut(spaced, track) : spaced;
  };
};
