import { ndarray } from '@ntk-lens/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { centred, pairKernel } from './figures.js';

const arrays = fc
  .record({
    n: fc.integer({ min: 1, max: 4 }),
    c: fc.integer({ min: 1, max: 3 }),
    m: fc.integer({ min: 1, max: 5 }),
  })
  .chain(({ n, c, m }) =>
    fc
      .array(fc.double({ min: -5, max: 5, noNaN: true }), {
        minLength: n * c * m * c,
        maxLength: n * c * m * c,
      })
      .map((values) => ndarray<'float64'>(Float64Array.from(values), [n, c, m, c])),
  );

it('pair kernel is that of the logits with their mean removed: unchanged when one function is added to all logits', () => {
  fc.assert(
    fc.property(arrays, fc.double({ min: -5, max: 5, noNaN: true }), (kernel, shift) => {
      const [n, c, m] = kernel.shape as [number, number, number, number];
      const pair = pairKernel(kernel);
      expect(pair.shape).toEqual([n, m]);
      if (c === 1) {
        expect(Array.from(pair.data)).toEqual(Array.from(kernel.data, (value) => value + 0));
        return;
      }
      // A gradient g that all logits share adds ⟨g, g'⟩ to every entry (c, c').
      const shifted = { ...kernel, data: kernel.data.map((value) => value + shift) };
      for (const [k, value] of pairKernel(shifted).data.entries())
        expect(value).toBeCloseTo(pair.data[k]!, 9);
    }),
  );
});

it('pair kernel of two logits is half that of their difference, the binary mode', () => {
  const kernel = ndarray<'float64'>(new Float64Array([5, 1, 2, 7]), [1, 2, 1, 2]);
  expect(pairKernel(kernel).data[0]).toBeCloseTo((5 - 1 - 2 + 7) / 2, 12);
});

it('centred values have rows and columns of mean 0, and centring twice changes nothing', () => {
  fc.assert(
    fc.property(arrays, (kernel) => {
      const once = centred(pairKernel(kernel));
      const [n, m] = once.shape as [number, number];
      for (let i = 0; i < n; i++) {
        expect(once.data.slice(i * m, (i + 1) * m).reduce((a, b) => a + b, 0)).toBeCloseTo(0, 9);
      }
      for (const [k, value] of centred(once).data.entries()) expect(value).toBeCloseTo(once.data[k]!, 9);
    }),
  );
});
