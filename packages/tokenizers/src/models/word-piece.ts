import type { JsonReader } from '../json-reader.js';
import { MAX_WORD_CHARACTERS } from '../limits.js';
import type { Work } from '../work.js';
import { checkTokenLength, readVocabulary } from './read-vocabulary.js';
import type { SubwordModel, WordTokens } from './subword-model.js';

/** Characters of a look-up that count as one step. */
const HASHED_PER_STEP = 16;

/** WordPiece: the longest token that starts the word, then the longest continuation, and so on. */
export const createWordPiece = (reader: JsonReader, work: Work): SubwordModel => {
  const vocabulary = readVocabulary(reader.get('vocab'));
  const unknown = reader.get('unk_token').string('[UNK]');
  const unknownId = vocabulary.ids.get(unknown);
  if (unknownId === undefined) throw reader.get('unk_token').fail('a token of the vocabulary');
  const prefix = reader.get('continuing_subword_prefix').string('##');
  checkTokenLength(reader.file, prefix);
  const longestWord = reader.get('max_input_chars_per_word').integer(0, MAX_WORD_CHARACTERS, 100);

  const continuations = new Map<string, number>();
  let longest = 1;
  for (const [token, id] of vocabulary.ids) {
    longest = Math.max(longest, token.length);
    if (token.startsWith(prefix)) continuations.set(token.slice(prefix.length), id);
  }
  const characters = (word: string): number => {
    let n = 0;
    for (const _ of word) n++;
    return n;
  };

  const tokenize = (word: string): WordTokens => {
    const unknownWord = { ids: [unknownId], starts: [0], ends: [word.length] };
    if (word.length > longestWord && characters(word) > longestWord) return unknownWord;
    const ids: number[] = [];
    const starts: number[] = [];
    const ends: number[] = [];
    for (let start = 0; start < word.length; ) {
      const known = start === 0 ? vocabulary.ids : continuations;
      let end = Math.min(word.length, start + longest);
      let id: number | undefined;
      while (end > start && (id = known.get(word.slice(start, end))) === undefined) end--;
      const tries = Math.min(word.length, start + longest) - end;
      work.spend((tries * (end - start + tries / 2)) / HASHED_PER_STEP);
      if (id === undefined) return unknownWord;
      ids.push(id);
      starts.push(start);
      ends.push(end);
      start = end;
    }
    return { ids, starts, ends };
  };
  return { vocabulary, unknown, tokenize };
};
