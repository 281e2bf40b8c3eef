import { BadArgumentError, ndarray } from '@ntk-lens/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { outputDerivatives } from './output-derivatives.js';

const logitsOf = (rows: readonly (readonly number[])[]) =>
  ndarray<'float64'>(Float64Array.from(rows.flat()), [rows.length, rows[0]!.length]);
const value = fc.double({ min: -20, max: 20, noNaN: true });

it('are the derivatives of the cross-entropy', () => {
  const loss = (f: readonly number[], label: number) =>
    Math.log(f.reduce((sum, x) => sum + Math.exp(x), 0)) - f[label]!;
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 2, maxLength: 4 }),
      (f) => {
        const { chi, sizes } = outputDerivatives(logitsOf([f]), [1]);
        const h = 1e-5;
        for (const c of f.keys()) {
          const at = (step: number) =>
            loss(
              f.map((x, k) => (k === c ? x + step : x)),
              1,
            );
          expect(chi.data[c]).toBeCloseTo((at(h) - at(-h)) / (2 * h), 7);
        }
        expect(sizes[0]).toBeCloseTo(
          [...chi.data].reduce((sum, x) => sum + Math.abs(x) / 2, 0),
          12,
        );
      },
    ),
  );
});

it('of one output is as large as of two, and has the sign of the loss in f₁ − f₀', () => {
  fc.assert(
    fc.property(value, value, fc.nat(1), (a, b, label) => {
      const two = outputDerivatives(logitsOf([[a, b]]), [label]);
      const one = outputDerivatives(logitsOf([[b - a]]), [label]);
      expect(one.sizes[0]).toBeCloseTo(two.sizes[0]!, 12);
      expect(one.chi.data[0]).toBeCloseTo(two.chi.data[1]!, 12);
    }),
  );
});

it('keeps the digits of a small derivative, and refuses labels that do not fit', () => {
  expect(outputDerivatives(logitsOf([[0, 50]]), [1]).sizes[0]).toBeCloseTo(Math.exp(-50), 30);
  expect(() => outputDerivatives(logitsOf([[0, 1]]), [2])).toThrow(BadArgumentError);
  expect(() => outputDerivatives(logitsOf([[0]]), [2])).toThrow(BadArgumentError);
  expect(() => outputDerivatives(logitsOf([[0, 1]]), [0, 1])).toThrow(BadArgumentError);
});
