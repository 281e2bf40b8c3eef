import { expect, test } from 'vitest';
import { wholePiece } from '../aligned-text.js';
import { splitAt } from '../pre-tokenizers/split-piece.js';
import { fixtureJson } from '../testing/fixtures.js';
import { Work } from '../work.js';
import { PatternSyntaxError } from './pattern-reader.js';
import { type Pattern, regularPattern } from './read-pattern.js';

interface Golden {
  readonly texts: readonly string[];
  /** Ends of the parts in code points, text by text; null where Oniguruma refuses the expression. */
  readonly cases: readonly {
    readonly source: string;
    readonly ends: readonly (readonly number[])[] | null;
  }[];
}

const { texts, cases } = fixtureJson<Golden>('patterns.golden.json');

/** A pattern, or why there is none. */
const patternOf = (source: string, work: Work): Pattern | string => {
  try {
    return regularPattern(source, work);
  } catch (error) {
    if (error instanceof PatternSyntaxError) return error.message;
    throw error;
  }
};

test('expressions find what Oniguruma finds; only loops over nothing are refused', () => {
  const work = new Work();
  const wrong: string[] = [];
  let compared = 0;
  for (const { source, ends } of cases) {
    const pattern = patternOf(source, work);
    if (ends === null) continue;
    if (typeof pattern === 'string') {
      expect(pattern, source).toMatch(/^repeats without end what can be empty/);
      continue;
    }
    compared++;
    for (const [i, text] of texts.entries()) {
      work.begin(text.length);
      const pieces = splitAt(pattern, 'Isolated')([wholePiece(text)], false);
      const found = pieces.map((piece) => [...text.slice(0, piece.base + piece.text.length)].length);
      if (found.join() !== ends[i]!.join()) wrong.push(`${source} in ${JSON.stringify(text)}`);
    }
  }
  expect(wrong).toEqual([]);
  expect(compared).toBeGreaterThan(450);
});
