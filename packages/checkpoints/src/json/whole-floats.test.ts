import fc from 'fast-check';
import { expect, test } from 'vitest';
import { markWholeFloats, restoreWholeFloats } from './whole-floats.js';

const rewritten = (text: string): string =>
  restoreWholeFloats(JSON.stringify(JSON.parse(markWholeFloats(text))));

test('numbers that are written as floats stay floats', () => {
  const text =
    '{"cap":30.0,"eps":1e-05,"theta":1e6,"ids":[0,-1.0,2],"name":"30.0 \\"1.0\\" \\\\","none":null}';
  const expected = text.replace('1e-05', '0.00001');
  expect(rewritten(text)).toBe(expected);
  expect(rewritten(expected)).toBe(expected);
});

test('every JSON text keeps its value', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(JSON.parse(rewritten(text))).toEqual(JSON.parse(JSON.stringify(JSON.parse(text))));
    }),
  );
});
