import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TooMuchWorkError } from '../errors.js';
import { Work } from '../work.js';
import { PatternSyntaxError } from './pattern-reader.js';
import { regularPattern } from './read-pattern.js';

/** Counts what a pattern spends on a text. */
class Meter extends Work {
  spent = 0;
  override spend(steps: number): void {
    this.spent += steps;
  }
}

const stepsOf = (source: string, text: string): number => {
  const meter = new Meter();
  regularPattern(source, meter)(text, () => {});
  return meter.spent;
};

const O200K = String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`;

test.each([
  ['(?:a{0,15}){0,15}b', 'a'],
  ['(a+)+b', 'a'],
  ['(a|a)*b', 'a'],
  ['(?:a|aa)+$', 'a'],
  ['a*a*a*a*a*a*a*b', 'a'],
  ['(?=a*a*b)a', 'a'],
  ['(?!a*a*b)a', 'a'],
  ['(?:(?=(?=a*b)a*c)a|a)*b', 'a'],
  ['(?>a*)b|(?>a*a)c', 'a'],
  ['(?:(?>a+)b|a)*c', 'a'],
  ['(?=(?=(?=.*b).*c).*d)', 'a'],
  ['[ab]*[ac]*[ad]*e', 'a'],
  ['(?:a?){30}(?:a){30}b', 'a'],
  ['(?:(?:(?:a{0,4}){0,4}){0,4}){0,4}b', 'a'],
  ['\\s+(?=x)|\\s*\\n', ' '],
  ['(?<=a{9})b|.*?c', 'a'],
  ['(?i)(?:a|A|[aA])*+B', 'a'],
  [O200K, '中'],
  [O200K, 'ʰ'],
  [O200K, ' '],
])('the steps of %s grow with the length of %j repeated, and no faster', (source, character) => {
  const [short, long] = [1_000, 4_000].map((n) => stepsOf(source, character.repeat(n)));
  expect(long! / short!).toBeLessThan(4.6);
});

test('generated expressions take steps in proportion to the text', () => {
  const atom = fc.constantFrom('a', 'b', '[ab]', '.', 'aa', '(?=a)', '(?!b)', '\\b');
  const quantifier = fc.constantFrom('', '*', '+', '?', '*?', '{0,3}', '{2,}', '++', '{1,9}');
  const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 4, depthSize: 'large' },
      fc.tuple(atom, quantifier).map(([a, q]) => (a.startsWith('(') || a === '\\b' ? a : a + q)),
      fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => a + b),
      fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `(?:${a}|${b})`),
      fc
        .tuple(fc.constantFrom('(?:', '(?>', '(?=', '(?!'), tie('expression'), quantifier)
        .map(([open, e, q]) => `${open}${e})${open === '(?=' || open === '(?!' ? '' : q}`),
    ),
  }));
  fc.assert(
    fc.property(expression, fc.constantFrom('a', 'ab', 'aab', 'aaaaaaab'), (source, unit) => {
      try {
        const [short, long] = [400, 1_600].map((n) => stepsOf(source, unit.repeat(n / unit.length)));
        expect(long).toBeLessThan(5 * short! + 4_096);
      } catch (error) {
        if (!(error instanceof PatternSyntaxError)) throw error;
      }
    }),
    { numRuns: 300 },
  );
});

test.each([
  ['classes in classes without regard to case', `(?i)${'['.repeat(16)}a${']'.repeat(16)}`],
  ['a class of many parts', `[${'\\p{Lu}\\d'.repeat(400)}]`],
  ['many classes', '[\\p{Lu}a-f]?'.repeat(300)],
])('%s take a bounded number of steps for texts of all characters', (_, source) => {
  const text = Array.from({ length: 3_000 }, (_, i) => String.fromCodePoint(0xe000 + 37 * i)).join('');
  const work = new Work();
  work.begin(text.length);
  try {
    regularPattern(source, work)(text, () => {});
  } catch (error) {
    expect(error).toBeInstanceOf(TooMuchWorkError);
  }
});

test('a pattern that multiplies the work ends in an error that is typed', () => {
  const work = new Work();
  const text = 'a'.repeat(10_000);
  work.begin(text.length);
  const many = regularPattern('(?:a{0,30}){0,30}b', work);
  expect(() => many(text, () => {})).toThrow(TooMuchWorkError);
  work.begin(text.length);
  regularPattern(O200K, work)(text, () => {});
});

test.each([
  ['(a)\\1', /refers back/],
  ['(?<x>a)\\k<x>', /refers back/],
  ['(?:a{0,999}){0,999}b', /more than 2048 states/],
  ['(){999999999}', undefined],
  ['(((((){9999}){9999}){9999}){9999}){9999}', undefined],
  ['a{3,1}', /from more to fewer/],
  ['(?:a*)*', /can be empty/],
  ['(?<=a*)b', /no fixed length/],
  ['[a', /opening bracket/],
  ['(a', /opening parenthesis/],
  ['a)', /closing parenthesis/],
  ['*a', /repeats nothing/],
  ['\\p{Nope}', /property "Nope"/],
  ['\\', /backslash/],
  ['[z-a]', /from a later/],
  ['(?x)a', /kind of group/],
  ['('.repeat(99), /nests more than/],
  ['['.repeat(99), /nests more than/],
  ['a'.repeat(5_000), /longer than/],
])('the pattern %s is refused, saying why, or harmless', (source, reason) => {
  const read = () => regularPattern(source, new Meter());
  if (reason === undefined) read();
  else expect(read).toThrow(reason);
});
