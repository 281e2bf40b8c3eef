import { BYTE_CHARACTERS } from '../byte-characters.js';
import { TokenizerTooLargeError } from '../errors.js';
import { JsonReader } from '../json-reader.js';
import { MAX_MERGES, MAX_VOCABULARY_SIZE } from '../limits.js';
import { MergeList } from './merge-list.js';
import { checkTokenLength, readVocabulary } from './read-vocabulary.js';
import type { SubwordModel, WordTokens } from './subword-model.js';

const encoder = new TextEncoder();

/** The two tokens of a merge, or nothing where it is not one. */
const pairOf = (item: unknown): readonly [string, string] | undefined => {
  if (typeof item === 'string') {
    const space = item.indexOf(' ');
    return space < 0 || item.includes(' ', space + 1)
      ? undefined
      : [item.slice(0, space), item.slice(space + 1)];
  }
  if (!Array.isArray(item) || item.length !== 2) return undefined;
  const [left, right] = item as readonly unknown[];
  return typeof left === 'string' && typeof right === 'string' ? [left, right] : undefined;
};

/**
 * Byte-pair encoding: characters are joined by the merge of lowest rank first, leftmost first.
 *
 * @param bytes True when words come as plain text and each UTF-8 byte is a character of the vocabulary.
 */
export const createBytePairEncoding = (reader: JsonReader, bytes: boolean): SubwordModel => {
  const vocabulary = readVocabulary(reader.get('vocab'));
  const { ids } = vocabulary;
  const unknownField = reader.get('unk_token');
  const unknown = unknownField.missing ? undefined : unknownField.string();
  const unknownId = unknown === undefined ? undefined : ids.get(unknown);
  const fuse = reader.get('fuse_unk').boolean(false);
  const fallback = reader.get('byte_fallback').boolean(false);
  const ignoreMerges = reader.get('ignore_merges').boolean(false);
  const prefix = reader.get('continuing_subword_prefix').string('');
  const suffix = reader.get('end_of_word_suffix').string('');
  checkTokenLength(reader.file, prefix + suffix);

  const list = reader.get('merges').array();
  if (list.length > MAX_MERGES)
    throw new TokenizerTooLargeError(`${reader.file}, merges`, list.length, 'MAX_MERGES', MAX_MERGES);
  const ranks = new Map<number, number>();
  const merged = new Int32Array(list.length);
  for (const [rank, value] of list.entries()) {
    const item = (): JsonReader => new JsonReader(reader.file, value, `model.merges[${rank}]`);
    const pair = pairOf(value);
    if (pair === undefined) throw item().fail('two tokens, or two with a space between');
    const [left, right] = pair;
    const a = ids.get(left);
    const b = ids.get(right);
    const c = ids.get(left + right.slice(prefix.length));
    if (a === undefined || b === undefined || c === undefined)
      throw item().fail('a merge of two tokens of the vocabulary into a third');
    ranks.set(a * MAX_VOCABULARY_SIZE + b, rank);
    merged[rank] = c;
  }
  const byteIds = BYTE_CHARACTERS.map((character) => ids.get(character));
  const fallbackIds = Array.from({ length: 256 }, (_, byte) =>
    ids.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
  );

  const tokenize = (word: string): WordTokens => {
    const symbols = new MergeList(word.length);
    let pending = -1;
    let pendingStart = 0;
    let pendingEnd = 0;
    const flush = (): void => {
      if (pending >= 0) symbols.add(pending, pendingStart, pendingEnd);
      pending = -1;
    };
    const addUnknown = (start: number, end: number): void => {
      if (unknownId === undefined) return;
      if (pending >= 0 && fuse) {
        pendingEnd = end;
        return;
      }
      flush();
      pending = unknownId;
      pendingStart = start;
      pendingEnd = end;
    };
    const addSymbol = (symbol: string, start: number, end: number): void => {
      const id = ids.get(symbol);
      if (id !== undefined) {
        flush();
        symbols.add(id, start, end);
        return;
      }
      if (fallback) {
        const pieces = Array.from(encoder.encode(symbol), (byte) => fallbackIds[byte]);
        if (pieces.every((piece) => piece !== undefined)) {
          for (const piece of pieces) symbols.add(piece, start, end);
          return;
        }
      }
      addUnknown(start, end);
    };
    const plain = prefix === '' && suffix === '';
    const last = word.length;
    let start = 0;
    for (const character of word) {
      const end = start + character.length;
      if (bytes && plain) {
        const encoded = character.length === 1 && character < '\x80' ? undefined : encoder.encode(character);
        const count = encoded?.length ?? 1;
        for (let k = 0; k < count; k++) {
          const byte = encoded === undefined ? character.charCodeAt(0) : encoded[k]!;
          const id = byteIds[byte];
          if (id === undefined) addSymbol(BYTE_CHARACTERS[byte]!, start, end);
          else {
            flush();
            symbols.add(id, start, end);
          }
        }
      } else {
        const parts = bytes
          ? Array.from(encoder.encode(character), (byte) => BYTE_CHARACTERS[byte]!)
          : [character];
        for (const [k, part] of parts.entries()) {
          const isFirst = start === 0 && k === 0;
          const isLast = end === last && k === parts.length - 1;
          addSymbol(`${isFirst ? '' : prefix}${part}${isLast ? suffix : ''}`, start, end);
        }
      }
      start = end;
    }
    flush();
    symbols.merge(ranks, merged);
    return symbols.tokens();
  };

  if (!ignoreMerges) return { vocabulary, unknown, tokenize };
  const whole = (word: string): WordTokens => {
    const key = bytes ? Array.from(encoder.encode(word), (byte) => BYTE_CHARACTERS[byte]!).join('') : word;
    const id = ids.get(key);
    return id === undefined ? tokenize(word) : { ids: [id], starts: [0], ends: [word.length] };
  };
  return { vocabulary, unknown, tokenize: whole };
};
