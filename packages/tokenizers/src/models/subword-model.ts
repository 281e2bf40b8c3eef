/** Tokens of one word: ids, and the part of the word that each covers, in UTF-16 units. */
export interface WordTokens {
  readonly ids: readonly number[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** Tokens by id and ids by token. */
export interface Vocabulary {
  readonly ids: ReadonlyMap<string, number>;
  readonly tokens: readonly (string | undefined)[];
}

/** A model that turns a word into tokens: WordPiece, byte-pair encoding, Unigram or WordLevel. */
export interface SubwordModel {
  readonly vocabulary: Vocabulary;
  /** The token that stands for what the vocabulary cannot spell, if the model has one. */
  readonly unknown: string | undefined;
  tokenize(word: string): WordTokens;
}
