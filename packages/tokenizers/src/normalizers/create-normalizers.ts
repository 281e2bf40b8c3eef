import type { Normalizer } from '../aligned-text.js';
import { TokenizerTooLargeError } from '../errors.js';
import type { JsonReader } from '../json-reader.js';
import { MAX_NESTING, MAX_REPLACEMENT_LENGTH, MAX_STEPS } from '../limits.js';
import { readPattern } from '../patterns/read-pattern.js';
import type { Work } from '../work.js';
import { toByteCharacters } from './byte-level.js';
import {
  cleanText,
  dropMarks,
  dropNonspacingMarks,
  lowercase,
  nmt,
  prepend,
  spaceIdeographs,
  strip,
} from './character-normalizers.js';
import { precompiled } from './precompiled.js';
import { replace } from './replace.js';
import { unicodeForm } from './unicode-forms.js';

const bert = (reader: JsonReader): Normalizer[] => {
  const lower = reader.get('lowercase').boolean(true);
  const steps: Normalizer[] = [];
  if (reader.get('clean_text').boolean(true)) steps.push(cleanText);
  if (reader.get('handle_chinese_chars').boolean(true)) steps.push(spaceIdeographs);
  if (reader.get('strip_accents').boolean(lower)) steps.push(unicodeForm('NFD'), dropNonspacingMarks);
  if (lower) steps.push(lowercase);
  return steps;
};

const short = (reader: JsonReader): string => {
  const content = reader.string('');
  if (content.length > MAX_REPLACEMENT_LENGTH)
    throw new TokenizerTooLargeError(
      `${reader.file}, at ${reader.path}, length`,
      content.length,
      'MAX_REPLACEMENT_LENGTH',
      MAX_REPLACEMENT_LENGTH,
    );
  return content;
};

const KINDS: Readonly<Record<string, (reader: JsonReader, work: Work, depth: number) => Normalizer[]>> = {
  BertNormalizer: bert,
  ByteLevel: () => [toByteCharacters],
  Lowercase: () => [lowercase],
  NFC: () => [unicodeForm('NFC')],
  NFD: () => [unicodeForm('NFD')],
  NFKC: () => [unicodeForm('NFKC')],
  NFKD: () => [unicodeForm('NFKD')],
  Nmt: () => [nmt],
  Precompiled: (reader) => [precompiled(reader)],
  Prepend: (reader) => [prepend(short(reader.get('prepend')))],
  Replace: (reader, work) => [
    replace(readPattern(reader.get('pattern'), work), short(reader.get('content'))),
  ],
  Sequence: (reader, work, depth) =>
    reader
      .get('normalizers')
      .items()
      .flatMap((item) => read(item, work, depth + 1)),
  Strip: (reader) => [strip(reader.get('strip_left').boolean(true), reader.get('strip_right').boolean(true))],
  StripAccents: () => [dropMarks],
};

const read = (reader: JsonReader, work: Work, depth: number): Normalizer[] => {
  if (depth > MAX_NESTING) throw reader.fail(`at most ${MAX_NESTING} sequences inside each other`);
  if (reader.missing) return [];
  const type = reader.get('type');
  const kind = Object.hasOwn(KINDS, type.string()) ? KINDS[type.string()] : undefined;
  if (kind === undefined) throw type.unsupported(Object.keys(KINDS));
  return kind(reader, work, depth);
};

/** The normalizers of tokenizer.json in their order, sequences laid flat; none for null. */
export const createNormalizers = (reader: JsonReader, work: Work): readonly Normalizer[] => {
  const steps = read(reader, work, 0);
  if (steps.length > MAX_STEPS)
    throw new TokenizerTooLargeError(`${reader.file}, normalizers`, steps.length, 'MAX_STEPS', MAX_STEPS);
  return steps;
};
