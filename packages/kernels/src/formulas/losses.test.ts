import { BadArgumentError, ndarray } from '@ntk-lens/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lossOf, targetsOf } from './losses.js';

const logits = (rows: readonly (readonly number[])[]) =>
  ndarray<'float64'>(Float64Array.from(rows.flat()), [rows.length, rows[0]!.length]);

it.each(['cross-entropy', 'squared'] as const)('χ is the derivative of the %s loss', (name) => {
  const value = fc.double({ min: -5, max: 5, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 3 }),
      fc.nat(2),
      (rows, label) => {
        const targets = targetsOf(
          rows.map(() => label),
          3,
        );
        const { cotangent } = lossOf(name, logits(rows), targets);
        const h = 1e-5;
        for (let k = 0; k < 3 * rows.length; k++) {
          const at = (delta: number) => {
            const moved = logits(rows);
            moved.data[k]! += delta;
            return lossOf(name, moved, targets).loss;
          };
          expect(cotangent[k]).toBeCloseTo((at(h) - at(-h)) / (2 * h), 6);
        }
      },
    ),
    { numRuns: 30 },
  );
});

it('cross-entropy of two labels is the logistic loss of the difference, far out too', () => {
  const { loss, cotangent } = lossOf('cross-entropy', logits([[800, -800]]), targetsOf([1], 2));
  expect(loss).toBe(1600);
  expect([...cotangent]).toEqual([1, -1]);
  expect(lossOf('cross-entropy', logits([[1, 3]]), targetsOf([1], 2)).loss).toBeCloseTo(
    Math.log1p(Math.exp(-2)),
    12,
  );
});

it('targets of a regression share the mass between two label words', () => {
  expect([...targetsOf([0, 5, 1], 2, [0, 5])]).toEqual([1, 0, 0, 1, 0.8, 0.2]);
  expect(() => targetsOf([6], 2, [0, 5])).toThrow(BadArgumentError);
  expect(() => targetsOf([1], 3, [0, 5])).toThrow(BadArgumentError);
  expect(() => targetsOf([2], 2)).toThrow(BadArgumentError);
});
