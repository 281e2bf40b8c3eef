import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchParameters } from './match-parameters.js';

const letters = fc.constantFrom('a', 'b', '.', '*');
const globs = fc.string({ unit: letters, maxLength: 12 });
const names = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 12 });

/** The definition: a star stands for any beginning of what is left. */
const stands = (glob: string, name: string): boolean => {
  if (glob === '') return name === '';
  if (glob[0] === '*')
    return Array.from({ length: name.length + 1 }, (_, i) => i).some((i) =>
      stands(glob.slice(1), name.slice(i)),
    );
  return glob[0] === name[0] && stands(glob.slice(1), name.slice(1));
};

test('globs stand for the names that the definition says', () => {
  fc.assert(
    fc.property(globs, names, (glob, name) => {
      const short = glob.replace(/\*+/g, '*');
      expect(matchParameters({ include: [glob] })(name)).toBe(stands(short, name));
      expect(matchParameters({ exclude: [glob] })(name)).toBe(!stands(short, name));
    }),
    { numRuns: 500 },
  );
});

test('any number of stars ends', () => {
  const name = `roberta.encoder.${'layer.'.repeat(50)}weight`;
  for (const glob of [`${'*'.repeat(43)}q`, `${'*e'.repeat(40)}q`, `${'*'.repeat(1e6)}q`])
    expect(matchParameters({ include: [glob] })(name)).toBe(false);
  expect(matchParameters({ include: [`${'*e'.repeat(40)}*`] })(name)).toBe(true);
});
