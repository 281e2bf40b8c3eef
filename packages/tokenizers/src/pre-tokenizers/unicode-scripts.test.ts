import fc from 'fast-check';
import { expect, test } from 'vitest';
import { originalEnd, originalStart, wholePiece } from '../aligned-text.js';
import { byteCharacters } from '../byte-characters.js';
import { JsonReader } from '../json-reader.js';
import { fixtureJson } from '../testing/fixtures.js';
import { Work } from '../work.js';
import { createPreTokenization } from './create-pre-tokenizer.js';

interface Golden {
  readonly texts: readonly string[];
  readonly cases: readonly {
    readonly config: Readonly<Record<string, unknown>>;
    readonly pieces: readonly (readonly (readonly [string, number, number])[])[];
  }[];
}

const { texts, cases } = fixtureJson<Golden>('scripts.golden.json');
const work = new Work();
const piecesOf = (config: unknown, text: string) => {
  const { run, bytes } = createPreTokenization(new JsonReader('tokenizer.json', config), work);
  work.begin(text.length);
  return run([wholePiece(text)], true)
    .filter((piece) => piece.text !== '')
    .map((piece) => [
      bytes ? byteCharacters(piece.text) : piece.text,
      originalStart(piece, 0),
      originalEnd(piece, piece.text.length),
    ]);
};

test.each(cases.map((golden) => ({ name: JSON.stringify(golden.config), ...golden })))(
  '$name gives the pieces and offsets of Hugging Face',
  ({ config, pieces }) => {
    for (const [i, text] of texts.entries()) expect(piecesOf(config, text), text).toEqual(pieces[i]);
  },
);

test('pieces of scripts, and of a fixed length, are the text in its order', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 5 }), (text, length) => {
      const joined = (config: unknown) =>
        piecesOf(config, text)
          .map(([piece]) => piece)
          .join('');
      expect(joined({ type: 'FixedLength', length })).toBe(text);
      expect(text.endsWith(joined({ type: 'UnicodeScripts' }))).toBe(true);
    }),
  );
});

test.each([0, -1, 2.5, '4'])('a fixed length of %s is refused', (length) => {
  expect(() => piecesOf({ type: 'FixedLength', length }, 'x')).toThrow(/length/);
});
