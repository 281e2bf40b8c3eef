import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identityOf } from './identity.js';

/** Plain values, and objects with an identity. */
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, Number.NaN, Infinity, -Infinity, 0, -0, 'NaN', 'null', '-0', true, 'true', ''),
    fc.double(),
    fc.string(),
    fc.record({ identity: fc.constantFrom('a', '"a"', '@a') }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom('a', 'b', '0', '","', '{'),
      tie('value').filter((item) => item !== undefined),
      { maxKeys: 3, noNullPrototype: true },
    ),
  ),
}));

const same = (a: unknown, b: unknown): boolean => {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b);
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a), Object.entries(b)];
  return (
    left.length === right.length && left.every(([key, x], i) => key === right[i]![0] && same(x, right[i]![1]))
  );
};

describe('identityOf', () => {
  it('is equal for equal settings and differs for different ones', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(identityOf(structuredClone(a))).toBe(identityOf(a));
        expect(identityOf(a) === identityOf(b)).toBe(same(a, b));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    [Number.NaN, 'NaN'],
    [Number.NaN, null],
    [-0, 0],
    [Infinity, -Infinity],
    [[undefined], [null]],
    [{ identity: 'x' }, 'x'],
    [[1, 2], [[1, 2]]],
    [[], {}],
    [{ a: [] }, { a: {} }],
  ])('tells %o from %o', (a, b) => {
    expect(identityOf({ setting: a })).not.toBe(identityOf({ setting: b }));
  });

  it('takes a key without a value for none, and an object for its identity alone', () => {
    expect(identityOf({ a: undefined, b: 1 })).toBe(identityOf({ b: 1 }));
    const apply = () => 1;
    expect(identityOf([{ identity: 'x', apply }])).toBe(identityOf([{ identity: 'x', more: 2 }]));
  });

  it.each([
    [{ f: { g: [Math.sin] } }, /settings\.f\.g\[0\] is a function/],
    [Math.sin, /settings is a function/],
    [{ map: new Map([[1, 2]]) }, /settings\.map is an object of class Map/],
    [{ data: Float32Array.of(1) }, /class Float32Array/],
    [{ s: Symbol('s') }, /a symbol/],
  ])('refuses %o', (settings, message) => {
    expect(() => identityOf(settings)).toThrow(message);
  });
});
