import { type Piece, slicePiece } from './aligned-text.js';
import { TokenizerTooLargeError } from './errors.js';
import type { JsonReader } from './json-reader.js';
import { MAX_ADDED_TOKENS } from './limits.js';
import { checkTokenLength, checkVocabularySize } from './models/read-vocabulary.js';
import { SortedTokens } from './models/sorted-tokens.js';
import type { Vocabulary } from './models/subword-model.js';
import { classOf, SPACE, WORD } from './unicode.js';
import type { Work } from './work.js';

/** A token that is recognized in the text before any model sees it. */
export interface AddedToken {
  readonly content: string;
  readonly id: number;
  /** Only where no word character touches it. */
  readonly singleWord: boolean;
  /** Takes the white space before, or after, with it. */
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  /** Looked for after normalization rather than before. */
  readonly normalized: boolean;
  readonly special: boolean;
}

/** Reads the list `added_tokens`. Ids follow the vocabulary; a token it lacks gets the next free id. */
export const readAddedTokens = (reader: JsonReader, vocabulary: Vocabulary): readonly AddedToken[] => {
  if (reader.missing) return [];
  const items = reader.items();
  if (items.length > MAX_ADDED_TOKENS)
    throw new TokenizerTooLargeError(
      `${reader.file}, added_tokens`,
      items.length,
      'MAX_ADDED_TOKENS',
      MAX_ADDED_TOKENS,
    );
  const added = new Map<string, AddedToken>();
  let next = vocabulary.ids.size;
  for (const item of items) {
    const content = item.get('content').string();
    if (content === '') continue;
    checkTokenLength(reader.file, content);
    const special = item.get('special').boolean(false);
    const known = vocabulary.ids.get(content) ?? added.get(content)?.id;
    const id = known ?? next;
    next = Math.max(next, known === undefined ? id + 1 : 0);
    checkVocabularySize(reader.file, id);
    added.set(content, {
      content,
      id,
      singleWord: item.get('single_word').boolean(false),
      lstrip: item.get('lstrip').boolean(false),
      rstrip: item.get('rstrip').boolean(false),
      normalized: item.get('normalized').boolean(!special),
      special,
    });
  }
  return [...added.values()];
};

const isWordAt = (text: string, i: number): boolean => (classOf(text.codePointAt(i) ?? 0) & WORD) !== 0;

const isWordBefore = (text: string, i: number): boolean => {
  const low = (text.charCodeAt(i - 1) & 0xfc00) === 0xdc00;
  return isWordAt(text, low ? i - 2 : i - 1);
};

/** Cuts the added tokens of one kind (normalized or not) out of pieces. */
export class AddedTokenSplitter {
  private readonly byContent = new Map<string, AddedToken>();
  private readonly contents: readonly string[];
  private readonly sorted: SortedTokens;
  private readonly starts = new Uint8Array(0x10000);

  /** @param written the content of a token as it appears in a text, when the tokens are looked for */
  constructor(
    tokens: readonly AddedToken[],
    private readonly work: Work,
    written: (content: string) => string = (content) => content,
  ) {
    for (const token of [...tokens.filter((t) => t.special), ...tokens.filter((t) => !t.special)]) {
      const content = written(token.content);
      if (content === '' || this.byContent.has(content)) continue;
      this.byContent.set(content, token);
      this.starts[content.charCodeAt(0)] = 1;
    }
    this.contents = [...this.byContent.keys()];
    this.sorted = new SortedTokens(new Map(this.contents.map((content, i) => [content, i])));
  }

  split(pieces: readonly Piece[]): readonly Piece[] {
    if (this.contents.length === 0) return pieces;
    return pieces.flatMap((piece) =>
      piece.id >= 0 || !this.mayContain(piece.text) ? piece : this.cut(piece),
    );
  }

  private mayContain(text: string): boolean {
    for (let i = 0; i < text.length; i++) if (this.starts[text.charCodeAt(i)] === 1) return true;
    return false;
  }

  /** Leftmost, longest matches, none overlapping, with the rules of `single_word`, `lstrip` and `rstrip`. */
  private cut(piece: Piece): Piece[] {
    const { text } = piece;
    const out: Piece[] = [];
    let done = 0;
    for (let i = 0; i < text.length; ) {
      const content = this.starts[text.charCodeAt(i)] === 1 ? this.longestAt(text, i) : undefined;
      if (content === undefined) {
        i++;
        continue;
      }
      const token = this.byContent.get(content)!;
      let start = i;
      let end = i + content.length;
      i = end;
      if (token.singleWord && ((start > 0 && isWordBefore(text, start)) || isWordAt(text, end))) continue;
      if (token.lstrip) while (start > done && classOf(text.charCodeAt(start - 1)) & SPACE) start--;
      if (token.rstrip) while (end < text.length && classOf(text.charCodeAt(end)) & SPACE) end++;
      if (start > done) out.push(slicePiece(piece, done, start));
      out.push(slicePiece(piece, start, end, token.id));
      done = end;
    }
    if (done < text.length) out.push(slicePiece(piece, done, text.length));
    return out;
  }

  private longestAt(text: string, start: number): string | undefined {
    let found = -1;
    const looked = this.sorted.prefixes(text, start, (id) => {
      found = id;
    });
    this.work.spend(looked);
    return found < 0 ? undefined : this.contents[found];
  }
}
