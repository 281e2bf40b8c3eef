import { expect, test } from 'vitest';
import { whyUnsafe } from './pattern-safety.js';

const GPT4 =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

test.each([
  ' {2,}',
  '\\s+',
  "'s|'t| ?\\p{L}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
  '(?:ab)?c',
  '[a-z]+|[^a-z]+',
  GPT4,
])('the pattern %s of real tokenizers is allowed', (source) => {
  expect(whyUnsafe(source)).toBeUndefined();
});

test.each([
  '(a+)+$',
  '(a|a)*$',
  '(?:a|ab)+c',
  '(a*)*',
  '((a+)b?){2,}',
  '(?:x{20,}){3}y',
  'a*a*b',
  '.*.*.*z',
  '(?=a*)a*b',
  'a+*b',
])('the pattern %s, which can take very long, is refused', (source) => {
  expect(whyUnsafe(source)).toBeTypeOf('string');
});
