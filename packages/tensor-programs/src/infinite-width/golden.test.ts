import { readFileSync } from 'node:fs';
import { type KernelSplit, type NDArray, ndarray } from '@ntk-lens/core';
import { gradientFlowPath } from '@ntk-lens/solvers';
import { hasShared, sharedPath } from '@ntk-lens/testing/shared-path';
import { beforeAll, describe, expect, it } from 'vitest';
import { infiniteKernels } from './infinite-kernels.js';
import type { PerceptronShape } from './perceptron-shape.js';

type Matrix = readonly (readonly number[])[];

interface Golden {
  readonly kernels: readonly (Required<PerceptronShape> & {
    readonly inputs: Matrix;
    readonly nngp: Matrix;
    readonly ntk: Matrix;
  })[];
  readonly gradient_descent_mse: {
    readonly k_train: Matrix;
    readonly k_test_train: Matrix;
    readonly y: Matrix;
    readonly f0_train: Matrix;
    readonly f0_test: Matrix;
    /** The last time is infinite, for which JSON has no number. */
    readonly times: readonly { readonly t: number | null; readonly train: Matrix; readonly test: Matrix }[];
    readonly max_learning_rate: number;
  };
}

const path = sharedPath('golden/neural-tangents/infinite.json');
const present = hasShared('golden/neural-tangents/infinite.json');

const matrix = (rows: Matrix): NDArray<'float64'> =>
  ndarray<'float64'>(Float64Array.from(rows.flat()), [rows.length, rows[0]!.length]);

/** Largest difference of an entry, relative to the expected entry. */
const largestError = (found: NDArray, expected: Matrix): number => {
  expect(found.shape).toEqual([expected.length, expected[0]!.length]);
  return Math.max(...expected.flat().map((x, i) => Math.abs(found.data[i]! - x) / Math.abs(x)));
};

describe.skipIf(!present)('results of neural-tangents (../shared/golden)', () => {
  let golden: Golden;
  beforeAll(() => {
    golden = JSON.parse(readFileSync(path, 'utf8'));
  });

  it('closed forms of the NNGP kernel and the NTK agree to 1e-12, for six networks', () => {
    expect(golden.kernels).toHaveLength(6);
    for (const { inputs, nngp, ntk, ...shape } of golden.kernels) {
      const found = infiniteKernels(shape, matrix(inputs));
      expect(largestError(found.nngp, nngp)).toBeLessThan(1e-12);
      expect(largestError(found.ntk, ntk)).toBeLessThan(1e-12);
    }
  });

  describe('gradient descent on the squared loss', () => {
    /** An infinitely wide network has the same kernel for each output, and zeros between different outputs. */
    const perOutput = (kernel: Matrix, outputs: number): NDArray<'float64'> => {
      const [train, queries] = [kernel[0]!.length, kernel.length];
      const block = new Float64Array(train * outputs * queries * outputs);
      for (const [q, row] of kernel.entries()) {
        for (const [i, value] of row.entries()) {
          for (let c = 0; c < outputs; c++) block[((i * outputs + c) * queries + q) * outputs + c] = value;
        }
      }
      return ndarray<'float64'>(block, [train, outputs, queries, outputs]);
    };
    const split = (kernel: Matrix, f0: Matrix): KernelSplit => ({
      kernel: perOutput(kernel, f0[0]!.length),
      logits: matrix(f0),
      labels: ndarray<'int32'>(new Int32Array(f0.length), [f0.length]),
    });

    it('gradient flow has the same outputs at every time, and the same largest learning rate', async () => {
      const { gradient_descent_mse: descent } = golden;
      const train = split(descent.k_train, descent.f0_train);
      const test = split(descent.k_test_train, descent.f0_test);
      // There the loss is a mean over examples and outputs. The solver takes the sum, so its time runs that much faster.
      const entries = descent.y.flat().length;
      const flow = await gradientFlowPath(
        train,
        descent.times.map(({ t }) => (t ?? Number.POSITIVE_INFINITY) / entries),
        { timeUnit: 'absolute', f0Scale: 1 },
        { targets: matrix(descent.y) },
      );
      expect(flow).toHaveLength(5);
      for (const [k, expected] of descent.times.entries()) {
        expect(largestError(flow[k]!.predict(train), expected.train)).toBeLessThan(1e-12);
        expect(largestError(flow[k]!.predict(test), expected.test)).toBeLessThan(1e-12);
      }
      const rate = (2 * entries) / flow[0]!.diagnostics!.largestEigenvalue;
      expect(Math.abs(rate / descent.max_learning_rate - 1)).toBeLessThan(1e-12);
    });
  });
});
