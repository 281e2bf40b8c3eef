import fc from 'fast-check';
import { expect, test } from 'vitest';
import { forEachGrapheme } from './graphemes.js';

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' });
const parts = fc.constantFrom(
  ...'a©👍あ\n\r\t\u0301\u0323\u200d\u200c\u200b\ufeff\u0600\u0d4e\u0903\u0e33\ufe0f🏽\u{e0061}é',
  'e\u0301',
  'क\u094d',
  '👩\u200d🚀',
);

test('graphemes are those of the engine, flags and Hangul left out', () => {
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 20 }), (list) => {
      const text = list.join('');
      const found: string[] = [];
      forEachGrapheme(text, (grapheme) => found.push(grapheme));
      // An Indic conjunct of several consonants is cut; no part of one is short enough to matter.
      if (!text.includes('\u094d'))
        expect(found).toEqual([...segmenter.segment(text)].map(({ segment }) => segment));
      expect(found.join('')).toBe(text);
    }),
    { numRuns: 500 },
  );
});
