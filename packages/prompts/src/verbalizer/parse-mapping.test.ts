import { isNtkLensError } from '@ntk-lens/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MappingSyntaxError } from './label-word-errors.js';
import { parseMapping } from './parse-mapping.js';

test.each([
  [`{'0':'terrible','1':'great'}`, { '0': 'terrible', '1': 'great' }],
  [`{0: "No", 1: 'Yes',}`, { '0': 'No', '1': 'Yes' }],
  [`{"contradiction": "No", "entailment": "Yes"}`, { contradiction: 'No', entailment: 'Yes' }],
  [`{'it\\'s': "caf\\u00e9", "a": '\\x41\\U0001f337'}`, { "it's": 'café', a: 'A🌷' }],
  ['{"emoji": "\\ud83c\\udf37\\/"}', { emoji: '🌷/' }],
  [' { } ', {}],
])('%s is read', (source, expected) => {
  expect(parseMapping(source)).toEqual(expected);
});

test('a label named like a part of every object is a label', () => {
  const mapping = parseMapping('{"__proto__": "a", "constructor": "b"}');
  expect(Object.entries(mapping)).toEqual([
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ]);
});

test.each([
  ['', 0],
  [`['0', '1']`, 0],
  [`{'0' 'terrible'}`, 5],
  [`{'0': terrible}`, 6],
  [`{'0': 'a' '1': 'b'}`, 10],
  [`{'0': 'a', '0': 'b'}`, 11],
  [`{'0': 'a'`, 9],
  [`{'0': 'a`, 8],
  [`{'0': 'a\nb'}`, 8],
  [`{'0': '\\q'}`, 7],
  [`{'0': '\\x4'}`, 7],
  [`{'0': 'a'} or __import__('os')`, 11],
  [`{'0': 1}`, 6],
])('%s is refused at its place', (source, at) => {
  let found: unknown;
  try {
    parseMapping(source);
  } catch (error) {
    found = error;
  }
  if (!(found instanceof MappingSyntaxError)) throw new Error(`not refused: ${source}`);
  expect(found.position).toBe(at);
  expect(found.message).toContain(`at character ${found.position + 1}`);
});

const mappings = fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }));
const python = (text: string): string =>
  `'${text.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`;

test('JSON and Python literals give back the mapping', () => {
  fc.assert(
    fc.property(mappings, (mapping) => {
      expect(parseMapping(JSON.stringify(mapping, null, 1))).toEqual({ ...mapping });
      const entries = Object.entries(mapping).map(([label, word]) => `${python(label)}: ${python(word)}`);
      expect(parseMapping(`{${entries.join(', ')}}`)).toEqual({ ...mapping });
    }),
  );
});

test('mutated mappings parse or fail with a typed error', () => {
  fc.assert(
    fc.property(mappings, fc.nat(), fc.string({ maxLength: 3 }), (mapping, at, inserted) => {
      const source = JSON.stringify(mapping);
      const cut = at % (source.length + 1);
      try {
        parseMapping(source.slice(0, cut) + inserted + source.slice(cut + (at % 3)));
      } catch (error) {
        expect(isNtkLensError(error) && error.code).toBe('MAPPING_SYNTAX');
      }
    }),
    { numRuns: 1000 },
  );
});
