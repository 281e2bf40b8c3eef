import fc from 'fast-check';
import { expect, test } from 'vitest';
import { axisAdvice } from './axis-order.js';

const sizes = fc.uniqueArray(fc.integer({ min: 2, max: 9 }), { minLength: 3, maxLength: 3 });
const permutations = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 });

test('the axes that are named bring any order of axes to [train, C, query, C]', () => {
  fc.assert(
    fc.property(sizes, permutations, ([n, m, c], axes) => {
      const right = [n!, c!, m!, c!];
      const found = axes.map((axis) => right[axis]!);
      const advice = axisAdvice(found, n!, m!);
      if (String(found) === String(right)) {
        expect(advice).toBeUndefined();
        return;
      }
      const order = /numpy\.transpose\(kernel, \((.*)\)\)/.exec(advice!)![1]!.split(', ').map(Number);
      expect(order.map((axis) => found[axis])).toEqual(right);
    }),
  );
});

test('kernels as other programs leave them are told apart', () => {
  expect(axisAdvice([8, 6, 2, 2], 8, 6)).toBe(
    'Its axes seem to be [training example, example, its logit, its logit]: swap them by numpy.transpose(kernel, (0, 2, 1, 3)).',
  );
  expect(axisAdvice([2, 8, 2, 8], 8, 8)).toContain('(1, 0, 3, 2)');
  expect(axisAdvice([8, 6], 8, 6)).toContain('numpy.eye(C)');
  expect(axisAdvice([16, 12], 8, 6)).toContain('kernel.reshape(8, 2, 6, 2)');
  for (const shape of [[], [8], [8, 7], [8, 2, 6, 3], [8, 6, 2]])
    expect(axisAdvice(shape, 8, 6)).toBeUndefined();
});
