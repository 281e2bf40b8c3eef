import { byteOf } from '../byte-characters.js';
import { TokenizerTooLargeError } from '../errors.js';
import type { JsonReader } from '../json-reader.js';
import { MAX_NESTING, MAX_REPLACEMENT_LENGTH, MAX_STEPS } from '../limits.js';
import { readPattern } from '../patterns/read-pattern.js';
import type { Work } from '../work.js';
import { ctcDecoder, type Decoder, stripDecoder, suffixDecoder, wordPieceDecoder } from './token-decoders.js';

const utf8 = new TextEncoder();
const lossy = new TextDecoder('utf-8', { ignoreBOM: true });
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Byte characters to bytes to text, across tokens; a token with any other character is taken as it is. */
const byteLevel: Decoder = (tokens) => {
  const bytes: number[] = [];
  for (const token of tokens) {
    const mapped = Array.from(token, byteOf);
    for (const byte of mapped.every((b) => b !== undefined) ? mapped : utf8.encode(token)) bytes.push(byte);
  }
  return [lossy.decode(Uint8Array.from(bytes))];
};

/** Runs of `<0x..>` to text; each byte of a run that is not UTF-8 becomes U+FFFD. */
const byteFallback: Decoder = (tokens) => {
  const out: string[] = [];
  let run: number[] = [];
  const flush = (): void => {
    if (run.length === 0) return;
    try {
      out.push(strict.decode(Uint8Array.from(run)));
    } catch {
      for (const _ of run) out.push('\ufffd');
    }
    run = [];
  };
  for (const token of tokens) {
    const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(token)?.[1];
    if (byte !== undefined) run.push(Number.parseInt(byte, 16));
    else {
      flush();
      out.push(token);
    }
  }
  flush();
  return out;
};

const metaspace = (reader: JsonReader): Decoder => {
  const replacement = reader.get('replacement').string('\u2581');
  const fallback = reader.get('add_prefix_space').boolean(true) ? 'always' : 'never';
  const dropFirst = reader.get('prepend_scheme').string(fallback) !== 'never';
  return (tokens) => tokens.map((token, i) => token.replaceAll(replacement, i === 0 && dropFirst ? '' : ' '));
};

const replace = (reader: JsonReader, work: Work): Decoder => {
  const pattern = readPattern(reader.get('pattern'), work);
  const content = reader.get('content').string('');
  if (content.length > MAX_REPLACEMENT_LENGTH)
    throw new TokenizerTooLargeError(
      `${reader.file}, decoder.content`,
      content.length,
      'MAX_REPLACEMENT_LENGTH',
      MAX_REPLACEMENT_LENGTH,
    );
  return (tokens) =>
    tokens.map((token) => {
      let out = '';
      let last = 0;
      pattern(token, (start, end) => {
        out += token.slice(last, start) + content;
        last = end;
      });
      return out + token.slice(last);
    });
};

const KINDS: Readonly<Record<string, (reader: JsonReader, work: Work, depth: number) => readonly Decoder[]>> =
  {
    BPEDecoder: (r) => [suffixDecoder(r.get('suffix').string('</w>'))],
    ByteFallback: () => [byteFallback],
    ByteLevel: () => [byteLevel],
    CTC: (r) => [
      ctcDecoder(
        r.get('pad_token').string('<pad>'),
        r.get('word_delimiter_token').string('|'),
        r.get('cleanup').boolean(true),
      ),
    ],
    Fuse: () => [(tokens) => [tokens.join('')]],
    Metaspace: (r) => [metaspace(r)],
    Replace: (r, work) => [replace(r, work)],
    Sequence: (r, work, depth) =>
      r
        .get('decoders')
        .items()
        .flatMap((item) => read(item, work, depth + 1)),
    Strip: (r) => [
      stripDecoder(
        r.get('content').string(' '),
        r.get('start').integer(0, MAX_REPLACEMENT_LENGTH, 0),
        r.get('stop').integer(0, MAX_REPLACEMENT_LENGTH, 0),
      ),
    ],
    WordPiece: (r) => [wordPieceDecoder(r.get('prefix').string('##'), r.get('cleanup').boolean(true))],
  };

const read = (reader: JsonReader, work: Work, depth: number): readonly Decoder[] => {
  if (depth > MAX_NESTING) throw reader.fail(`at most ${MAX_NESTING} sequences inside each other`);
  const type = reader.get('type');
  const kind = Object.hasOwn(KINDS, type.string()) ? KINDS[type.string()] : undefined;
  if (kind === undefined) throw type.unsupported(Object.keys(KINDS));
  return kind(reader, work, depth);
};

/** The decoder of tokenizer.json; without one, tokens with spaces between. */
export const createDecoder = (reader: JsonReader, work: Work): ((tokens: readonly string[]) => string) => {
  if (reader.missing) return (tokens) => tokens.join(' ');
  const steps = read(reader, work, 0);
  if (steps.length > MAX_STEPS)
    throw new TokenizerTooLargeError(`${reader.file}, decoders`, steps.length, 'MAX_STEPS', MAX_STEPS);
  const lengthOf = (parts: readonly string[]): number =>
    parts.reduce((length, part) => length + part.length + 1, 0);
  return (tokens) => {
    work.begin(lengthOf(tokens));
    let parts = tokens;
    for (const step of steps) {
      parts = step(parts);
      work.spend(lengthOf(parts));
    }
    return parts.join('');
  };
};
