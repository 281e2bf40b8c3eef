import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { normalizePiece, originalEnd, originalStart, wholePiece } from './aligned-text.js';
import { byteCharacters } from './byte-characters.js';
import { JsonReader } from './json-reader.js';
import { createNormalizers } from './normalizers/create-normalizers.js';
import { createPreTokenization } from './pre-tokenizers/create-pre-tokenizer.js';
import { fixtureJson } from './testing/fixtures.js';
import { Work } from './work.js';

interface Component {
  readonly kind: 'normalizer' | 'pre_tokenizer';
  readonly config: Readonly<Record<string, unknown>>;
  readonly sums: readonly number[];
}

const strings = fixtureJson<string[]>('strings.json');
const components = fixtureJson<Component[]>('components.golden.json');
const named = components.map((component) => ({ name: JSON.stringify(component.config), ...component }));
const work = new Work();
const sum = (value: unknown): number => crc32(JSON.stringify(value));

test.each(named.filter((c) => c.kind === 'normalizer'))(
  '$name gives the text of Hugging Face',
  ({ config, sums }) => {
    const normalizers = createNormalizers(new JsonReader('tokenizer.json', config), work);
    for (const [i, expected] of sums.entries()) {
      work.begin(strings[i]!.length);
      let plain = wholePiece(strings[i]!);
      let tracked = plain;
      for (const normalizer of normalizers) {
        plain = normalizePiece(plain, normalizer, false);
        tracked = normalizePiece(tracked, normalizer, true);
      }
      expect(sum(plain.text), strings[i]).toBe(expected);
      expect(tracked.text).toBe(plain.text);
      expect(tracked.starts?.length ?? tracked.text.length).toBe(tracked.text.length);
    }
  },
);

test.each(named.filter((c) => c.kind === 'pre_tokenizer'))(
  '$name gives the words and offsets of Hugging Face',
  ({ config, sums }) => {
    const { run, bytes } = createPreTokenization(new JsonReader('tokenizer.json', config), work);
    for (const [i, expected] of sums.entries()) {
      work.begin(strings[i]!.length);
      const pieces = run([wholePiece(strings[i]!)], true).filter((piece) => piece.text !== '');
      const shown = pieces.map((piece) => [
        bytes ? byteCharacters(piece.text) : piece.text,
        originalStart(piece, 0),
        originalEnd(piece, piece.text.length),
      ]);
      expect(sum(shown), strings[i]).toBe(expected);
    }
  },
);
