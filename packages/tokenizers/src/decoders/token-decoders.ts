/** Turns tokens into the parts of a text, which are then joined. */
export type Decoder = (tokens: readonly string[]) => readonly string[];

const CLEANED: readonly (readonly [string, string])[] = [
  ...['.', '?', '!', ','].map((mark) => [` ${mark}`, mark] as const),
  [" ' ", "'"],
  ...["n't", "'m"].map((end) => [` ${end}`, end] as const),
  [' do not', " don't"],
  ...["'s", "'ve", "'re"].map((end) => [` ${end}`, end] as const),
];

/** English spacing: none before marks and contractions. */
const cleaned = (token: string): string =>
  CLEANED.reduce((text, [from, to]) => text.replaceAll(from, to), token);

/** A space before each token that does not continue a word. */
export const wordPieceDecoder =
  (prefix: string, cleanup: boolean): Decoder =>
  (tokens) =>
    tokens.map((token, i) => {
      const plain = token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`;
      const text = i === 0 ? token : plain;
      return cleanup ? cleaned(text) : text;
    });

/** The mark of the end of a word is a space, but not at the end of the text. */
export const suffixDecoder =
  (suffix: string): Decoder =>
  (tokens) =>
    tokens.map((token, i) => token.replaceAll(suffix, i === tokens.length - 1 ? '' : ' '));

/** Connectionist temporal classification: repeats are one, padding is nothing. */
export const ctcDecoder =
  (padding: string, delimiter: string, cleanup: boolean): Decoder =>
  (tokens) =>
    tokens
      .filter((token, i) => i === 0 || token !== tokens[i - 1])
      .map((token) => {
        const text = token.replaceAll(padding, '');
        return cleanup ? cleaned(text).replaceAll(delimiter, ' ') : text;
      });

/** Takes up to so many of a character from the start and the end of each token. */
export const stripDecoder =
  (character: string, start: number, stop: number): Decoder =>
  (tokens) =>
    tokens.map((token) => {
      const characters = [...token];
      let from = 0;
      while (from < start && characters[from] === character) from++;
      let to = characters.length;
      while (characters.length - to < stop && to > 0 && characters[to - 1] === character) to--;
      return characters.slice(from, to).join('');
    });
