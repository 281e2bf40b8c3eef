import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TooMuchWorkError } from '../errors.js';
import { fixtureJson } from '../testing/fixtures.js';
import { Work } from '../work.js';
import { PatternSyntaxError } from './pattern-reader.js';
import { regularPattern } from './read-pattern.js';

const { cases } = fixtureJson<{ cases: { source: string }[] }>('patterns.golden.json');
const isRead = (source: string): boolean => {
  try {
    return regularPattern(source, new Work()) !== undefined;
  } catch {
    return false;
  }
};
const sources = cases.map(({ source }) => source).filter(isRead);
const WORDS = [
  '\\p{L}',
  '(?=',
  '(?!',
  '(?<=',
  '(?:',
  '(?i:',
  '{0,15}',
  '*+',
  '[^',
  '&&',
  '\\b',
  '(?>',
  '|',
  ')',
  ']',
];
const TEXTS = [
  'Hello, wörld 北京 e\u0301 👍 <mask>\r\n',
  'a'.repeat(500),
  ' \n'.repeat(200),
  '\ud800aAbB'.repeat(99),
  '',
];

const edit = fc.tuple(fc.nat(), fc.nat(2), fc.oneof(fc.constantFrom(...WORDS), fc.string({ maxLength: 2 })));
const mutated = fc
  .tuple(fc.constantFrom(...sources), fc.array(edit, { minLength: 1, maxLength: 2 }))
  .map(([source, edits]) => {
    let text = source;
    for (const [at, dropped, put] of edits) {
      const place = at % (text.length + 1);
      text = text.slice(0, place) + put + text.slice(place + dropped);
    }
    return text;
  });

test('expressions of the golden file with a few edits match in bounded steps, or are refused with a reason', () => {
  let accepted = 0;
  let refused = 0;
  fc.assert(
    fc.property(mutated, (source) => {
      const work = new Work();
      try {
        const pattern = regularPattern(source, work);
        accepted++;
        for (const text of TEXTS) {
          work.begin(text.length);
          let last = 0;
          let ordered = true;
          pattern(text, (start, end) => {
            ordered &&= last <= start && start <= end;
            last = end;
          });
          expect(ordered && last <= text.length).toBe(true);
        }
      } catch (error) {
        if (error instanceof PatternSyntaxError) refused++;
        else if (!(error instanceof TooMuchWorkError)) throw error;
      }
    }),
    { numRuns: 250 },
  );
  expect(accepted / (accepted + refused)).toBeGreaterThan(0.3);
});
