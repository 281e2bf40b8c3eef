import { type KernelSplit, ndarray } from '@ntk-lens/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { solveKernel } from './solve-kernel.js';
import { marginsOf, predictionsOf } from './split-predictions.js';

const scores = fc.integer({ min: 2, max: 5 }).chain((width) =>
  fc
    .array(fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: width, maxLength: width }), {
      minLength: 1,
      maxLength: 8,
    })
    .map((rows) => ({ width, rows })),
);

it('a margin is positive where the label has the largest score, and the margins of two labels are opposite', () => {
  fc.assert(
    fc.property(scores, fc.nat(), ({ width, rows }, seed) => {
      const of = (labels: readonly number[]) =>
        marginsOf(ndarray<'float64'>(Float64Array.from(rows.flat()), [rows.length, width]), labels);
      const labels = rows.map((_, i) => (seed + i) % width);
      for (const [i, margin] of of(labels).entries()) {
        const others = rows[i]!.filter((_, c) => c !== labels[i]);
        expect(margin > 0).toBe(others.every((other) => other < rows[i]![labels[i]!]!));
      }
      if (width === 2) expect(of(labels.map((c) => 1 - c))).toEqual(of(labels).map((margin) => 0 - margin));
    }),
  );
  const difference = ndarray<'float64'>(Float64Array.of(2, -3), [2, 1]);
  expect(marginsOf(difference, [1, 1])).toEqual(Float64Array.of(2, -3));
  expect(marginsOf(difference, [0, 0])).toEqual(Float64Array.of(-2, 3));
});

it('the share of positive margins is the accuracy that solving reports', async () => {
  const train = [-3, -2, -1, 1, 2, 3];
  const line = (points: readonly number[]): KernelSplit => ({
    kernel: ndarray<'float64'>(Float64Array.from(train.flatMap((a) => points.map((b) => 1 + a * b))), [
      train.length,
      1,
      points.length,
      1,
    ]),
    logits: ndarray<'float64'>(
      Float64Array.from(points, (x) => x - 0.7),
      [points.length, 1],
    ),
    labels: ndarray<'int32'>(
      Int32Array.from(points, (x) => (x > 0 ? 1 : 0)),
      [points.length],
    ),
  });
  const splits = { train: line(train), dev: line([-2.5, 1.5]), test: line([-1.5, -0.5, 2.5, 0.2, 0.1]) };
  const solved = await solveKernel({
    splits,
    hasLogits: true,
    identity: {},
    reused: false,
    save: async () => {},
  });
  const { kernel, zeroShot } = predictionsOf(solved);
  const share = (margins: Float64Array | undefined) => margins!.filter((margin) => margin > 0).length / 5;
  expect([share(kernel.margins), share(zeroShot?.margins)]).toEqual([
    solved.test.accuracy,
    solved.zeroShot?.test.accuracy,
  ]);
  expect(zeroShot?.answers).toEqual([0, 0, 1, 0, 0]);
});
