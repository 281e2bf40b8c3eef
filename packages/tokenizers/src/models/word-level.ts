import type { JsonReader } from '../json-reader.js';
import { readVocabulary } from './read-vocabulary.js';
import type { SubwordModel } from './subword-model.js';

/** WordLevel: every word is one token, and a word that the vocabulary lacks is the unknown token. */
export const createWordLevel = (reader: JsonReader): SubwordModel => {
  const vocabulary = readVocabulary(reader.get('vocab'));
  const unknown = reader.get('unk_token').string('<unk>');
  const unknownId = vocabulary.ids.get(unknown);
  if (unknownId === undefined) throw reader.get('unk_token').fail('a token of the vocabulary');
  return {
    vocabulary,
    unknown,
    tokenize: (word) => ({
      ids: [vocabulary.ids.get(word) ?? unknownId],
      starts: [0],
      ends: [word.length],
    }),
  };
};
