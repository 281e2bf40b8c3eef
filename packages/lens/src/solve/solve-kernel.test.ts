import { type KernelSplit, ndarray } from '@ntk-lens/core';
import { describe, expect, it } from 'vitest';
import { answersOf } from './answers.js';
import { solveKernel } from './solve-kernel.js';

/** Points x on a line with label x > 0 and one output: kernel 1 + x x', logits of a model that says the opposite. */
const line = (train: readonly number[], points: readonly number[]): KernelSplit => ({
  kernel: ndarray<'float64'>(Float64Array.from(train.flatMap((a) => points.map((b) => 1 + a * b))), [
    train.length,
    1,
    points.length,
    1,
  ]),
  logits: ndarray<'float64'>(
    Float64Array.from(points, (x) => -x),
    [points.length, 1],
  ),
  labels: ndarray<'int32'>(
    Int32Array.from(points, (x) => (x > 0 ? 1 : 0)),
    [points.length],
  ),
});

describe('solving', () => {
  it('compares majority, zero-shot and kernel, chosen on dev', async () => {
    const train = [-3, -2, -1, 1, 2, 3];
    const splits = {
      train: line(train, train),
      dev: line(train, [-2.5, 1.5, 0.7, -0.4]),
      test: line(train, [-1.5, -0.5, 2.5, 1, 2]),
    };
    const kernel = { splits, hasLogits: true, identity: {}, reused: false, save: async () => {} };
    const solved = await solveKernel(kernel, { metrics: ['accuracy', 'f1'] });
    const { majority, zeroShot, dev, test, search, chosen } = solved;
    expect(majority.test.accuracy).toBe(0.6);
    expect(zeroShot?.test.accuracy).toBe(0);
    expect([dev.accuracy, test.accuracy, test.f1]).toEqual([1, 1, 1]);
    expect(search).toHaveLength(25);
    expect(search.filter((row) => row.chosen)).toHaveLength(1);
    // Everything reaches 100 % on dev here: the simplest is taken.
    expect(chosen).toEqual({ ridge: 1, f0Scale: null });
  });
  it('says where all examples to choose or to test on have one label', async () => {
    const train = [-3, -2, 2, 3];
    const warnings = async (dev: readonly number[], test: readonly number[]) => {
      const splits = { train: line(train, train), dev: line(train, dev), test: line(train, test) };
      const kernel = { splits, hasLogits: true, identity: {}, reused: false, save: async () => {} };
      return (await solveKernel(kernel)).warnings.filter((text) => text.includes('one label'));
    };
    expect(await warnings([-1, 1], [-1, 1])).toEqual([]);
    expect(await warnings([1, 2], [-1, 1])).toEqual([expect.stringMatching(/^all development examples/)]);
    expect(await warnings([-1, 1], [-1])).toEqual([expect.stringMatching(/^all test examples/)]);
  });
  it('reads the zero-shot answer off the logits: the largest, or the sign of the difference in binary mode', () => {
    const points = line([-1, 1], [1]);
    const answers = answersOf({ splits: { train: points, dev: points, test: points }, identity: {} });
    const of = (values: readonly number[], width: number) =>
      Array.from(
        answers.zeroShot(ndarray<'float64'>(Float64Array.from(values), [values.length / width, width])),
      );
    expect(of([0.1, -2, 3], 1)).toEqual([1, 0, 1]);
    expect(of([0, 1, 0, 5, 1, 2], 3)).toEqual([1, 0]);
  });
});
