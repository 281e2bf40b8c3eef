import { normalizePiece } from '../aligned-text.js';
import { TokenizerTooLargeError } from '../errors.js';
import type { JsonReader } from '../json-reader.js';
import { MAX_NESTING, MAX_STEPS } from '../limits.js';
import { toByteCharacters } from '../normalizers/byte-level.js';
import { readPattern } from '../patterns/read-pattern.js';
import { classOf, isNumeric, PUNCTUATION, SPACE, WORD } from '../unicode.js';
import type { Work } from '../work.js';
import { bertSplit } from './bert.js';
import { byteLevelSplit } from './byte-level.js';
import { fixedLength } from './fixed-length.js';
import { metaspace, type PrependScheme } from './metaspace.js';
import { BEHAVIORS, type Behavior, eachCharacter, type PreTokenizer, splitAt } from './split-piece.js';
import { unicodeScripts } from './unicode-scripts.js';

interface Step {
  readonly run: PreTokenizer;
  /** Every character must still become its bytes, which the model can do better when it comes next. */
  readonly bytes?: boolean;
  /** Looks at where pieces lie in the original, which must then be tracked. */
  readonly origins?: boolean;
}

export interface PreTokenization {
  readonly run: PreTokenizer;
  readonly bytes: boolean;
  readonly origins: boolean;
}

const behaviorOf = (reader: JsonReader, fallback: Behavior): Behavior => {
  const name = reader.string(fallback);
  const found = BEHAVIORS.find((b) => b === name);
  if (found === undefined) throw reader.unsupported(BEHAVIORS);
  return found;
};

const SCHEMES: readonly PrependScheme[] = ['always', 'first', 'never'];

const readMetaspace = (reader: JsonReader): Step[] => {
  const replacement = reader.get('replacement').string('\u2581');
  if ([...replacement].length !== 1) throw reader.get('replacement').fail('one character');
  const named = reader.get('prepend_scheme');
  const fallback = reader.get('add_prefix_space').boolean(true) ? 'always' : 'never';
  const scheme = SCHEMES.find((s) => s === named.string(fallback));
  if (scheme === undefined) throw named.unsupported(SCHEMES);
  return [
    { run: metaspace(replacement, scheme, reader.get('split').boolean(true)), origins: scheme === 'first' },
  ];
};

/** Runs of word characters, and runs of what is neither that nor white space. */
const whitespace: PreTokenizer = (pieces, track) => {
  const blank = eachCharacter((c) => (classOf(c) & SPACE) !== 0);
  const word = eachCharacter((c) => (classOf(c) & WORD) !== 0);
  return splitAt(word, 'Contiguous')(splitAt(blank, 'Removed')(pieces, track), track);
};

const KINDS: Readonly<Record<string, (reader: JsonReader, work: Work, depth: number) => Step[]>> = {
  BertPreTokenizer: () => [{ run: bertSplit }],
  ByteLevel: (reader) => [
    {
      run: byteLevelSplit(
        reader.get('add_prefix_space').boolean(true),
        reader.get('use_regex').boolean(true),
      ),
      bytes: true,
    },
  ],
  CharDelimiterSplit: (reader, work) => [
    { run: splitAt(readPattern(reader.get('delimiter'), work), 'Removed') },
  ],
  Digits: (reader) => [
    {
      run: splitAt(
        eachCharacter(isNumeric),
        reader.get('individual_digits').boolean(false) ? 'Isolated' : 'Contiguous',
      ),
    },
  ],
  FixedLength: (reader) => [
    { run: fixedLength(reader.get('length').integer(1, Number.MAX_SAFE_INTEGER, 5)) },
  ],
  Metaspace: readMetaspace,
  Punctuation: (reader) => [
    {
      run: splitAt(
        eachCharacter((c) => (classOf(c) & PUNCTUATION) !== 0),
        behaviorOf(reader.get('behavior'), 'Isolated'),
      ),
    },
  ],
  Sequence: (reader, work, depth) =>
    reader
      .get('pretokenizers')
      .items()
      .flatMap((item) => read(item, work, depth + 1)),
  Split: (reader, work) => [
    {
      run: splitAt(
        readPattern(reader.get('pattern'), work),
        behaviorOf(reader.get('behavior'), 'Isolated'),
        reader.get('invert').boolean(false),
      ),
    },
  ],
  UnicodeScripts: () => [{ run: unicodeScripts }],
  Whitespace: () => [{ run: whitespace }],
  WhitespaceSplit: () => [
    {
      run: splitAt(
        eachCharacter((c) => (classOf(c) & SPACE) !== 0),
        'Removed',
      ),
    },
  ],
};

const read = (reader: JsonReader, work: Work, depth: number): Step[] => {
  if (depth > MAX_NESTING) throw reader.fail(`at most ${MAX_NESTING} sequences inside each other`);
  if (reader.missing) return [];
  const type = reader.get('type');
  const kind = Object.hasOwn(KINDS, type.string()) ? KINDS[type.string()] : undefined;
  if (kind === undefined) throw type.unsupported(Object.keys(KINDS));
  return kind(reader, work, depth);
};

const mapBytes: PreTokenizer = (pieces, track) =>
  pieces.map((piece) => (piece.id >= 0 ? piece : normalizePiece(piece, toByteCharacters, track)));

/** The pre-tokenizer of tokenizer.json; `bytes` when the words it gives are still to be mapped to byte characters. */
export const createPreTokenization = (reader: JsonReader, work: Work): PreTokenization => {
  const steps = read(reader, work, 0);
  if (steps.length > MAX_STEPS)
    throw new TokenizerTooLargeError(`${reader.file}, pre-tokenizers`, steps.length, 'MAX_STEPS', MAX_STEPS);
  const runs = steps.flatMap((step, i) =>
    step.bytes === true && i < steps.length - 1 ? [step.run, mapBytes] : [step.run],
  );
  return {
    run: (pieces, track) => {
      let current = pieces;
      for (const run of runs) current = run(current, track);
      return current;
    },
    bytes: steps.at(-1)?.bytes === true,
    origins: steps.some((step) => step.origins === true),
  };
};
