import { TokenizerTooLargeError } from '../errors.js';
import type { JsonReader } from '../json-reader.js';
import { MAX_TOKEN_LENGTH, MAX_VOCABULARY_SIZE } from '../limits.js';
import type { Vocabulary } from './subword-model.js';

export const checkVocabularySize = (file: string, size: number): void => {
  if (size > MAX_VOCABULARY_SIZE)
    throw new TokenizerTooLargeError(`${file}, tokens`, size, 'MAX_VOCABULARY_SIZE', MAX_VOCABULARY_SIZE);
};

export const checkTokenLength = (file: string, token: string): void => {
  if (token.length > MAX_TOKEN_LENGTH)
    throw new TokenizerTooLargeError(
      `${file}, characters of token "${token.slice(0, 20)}…"`,
      token.length,
      'MAX_TOKEN_LENGTH',
      MAX_TOKEN_LENGTH,
    );
};

/** Reads `{ token: id, … }`. */
export const readVocabulary = (reader: JsonReader): Vocabulary => {
  const entries = Object.entries(reader.object());
  checkVocabularySize(reader.file, entries.length);
  const ids = new Map<string, number>();
  const tokens: (string | undefined)[] = [];
  for (const [token, id] of entries) {
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= MAX_VOCABULARY_SIZE)
      throw reader.get(token).fail(`an id from 0 to ${MAX_VOCABULARY_SIZE - 1}`);
    checkTokenLength(reader.file, token);
    ids.set(token, id);
    tokens[id] = token;
  }
  return { ids, tokens };
};
