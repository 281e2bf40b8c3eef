import { ndarray } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { MatrixFactors } from '../factors/stage-factors.js';
import { formulaOf } from '../formulas/index.js';
import { noFactors } from '../formulas/mapped-gram.js';
import { relativeDifference, transposed } from '../testing/compare.js';
import { testRuntime } from '../testing/test-runtime.js';
import { contractGradients } from './contract-gradients.js';
import { PassKernels } from './pass-kernels.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: testRuntime, threads: 1 });
});
afterAll(() => runtime.close());
afterEach(() => {
  expect(runtime.residentBytes).toBe(0);
});

const FORMULAS: readonly string[] = ['sgd', 'signgd', 'a-signgd'];

let state = 1;
const random = (): number => {
  state = (Math.imul(state, 48271) >>> 0) % 2147483647;
  return state / 2147483647 - 0.5;
};

interface Side {
  readonly factors: readonly MatrixFactors[];
  /** Of every example and output, its gradient `[out, in]` in float64. */
  readonly gradients: readonly Float64Array[];
}

interface Size {
  readonly inSize: number;
  readonly outSize: number;
  readonly outputs: number;
}

/** Batches of `[examples, tokens]` with random factors, zero where an example is padded. */
const side = async (
  batches: readonly (readonly [number, number])[],
  { inSize, outSize, outputs }: Size,
): Promise<Side> => {
  const factors: MatrixFactors[] = [];
  const gradients: Float64Array[] = [];
  for (const [n, length] of batches) {
    const indices = Array.from({ length: n }, (_, i) => gradients.length / outputs + i);
    const tokens = indices.map((_, i) => Math.max(1, length - (i % 2)));
    const values = (width: number) =>
      ndarray<'float32'>(
        Float32Array.from({ length: n * length * width }, (_, k) =>
          Math.floor(k / width) % length < tokens[Math.floor(k / width / length)]! ? random() : 0,
        ),
        [n, length, width],
      );
    const a = values(inSize);
    const b = Array.from({ length: outputs }, () => values(outSize));
    for (const i of indices.keys())
      for (const { data } of b) {
        const gradient = new Float64Array(outSize * inSize);
        for (let t = i * length; t < (i + 1) * length; t++)
          for (let o = 0; o < outSize; o++)
            for (let k = 0; k < inSize; k++)
              gradient[o * inSize + k]! += data[t * outSize + o]! * a.data[t * inSize + k]!;
        gradients.push(gradient);
      }
    factors.push({
      ...{ n, length, tokens, indices, outputs, a: await runtime.upload(a) },
      b: await Promise.all(b.map((each) => runtime.upload(each))),
    });
  }
  return { factors, gradients };
};

const same = (x: number): number => x;
const gram = (
  rows: Side,
  columns: Side,
  outputs: number,
  f: (x: number) => number,
  g: (x: number) => number,
) =>
  ndarray<'float64'>(
    Float64Array.from(
      rows.gradients.flatMap((x) =>
        columns.gradients.map((y) => x.reduce((sum, value, i) => sum + f(value) * g(y[i]!), 0)),
      ),
    ),
    [rows.gradients.length / outputs, outputs, columns.gradients.length / outputs, outputs],
  );

const expectContracted = async (
  formula: string,
  size: Size,
  batches: { readonly rows: readonly [number, number][]; readonly columns: readonly [number, number][] },
): Promise<void> => {
  const rows = await side(batches.rows, size);
  const columns = await side(batches.columns, size);
  const [n, m] = [rows, columns].map(({ gradients }) => gradients.length / size.outputs) as [number, number];
  const pass = { rows: n, columns: m, outputs: size.outputs, self: true, diagonal: true };
  const into = new PassKernels(formulaOf(formula), pass);
  const { outputs: _, ...matrix } = size;
  const sides = { rows: rows.factors, columns: columns.factors };
  await contractGradients({ runtime, size: matrix, inFirst: false, factors: noFactors, ...sides }, into);
  runtime.release([...rows.factors, ...columns.factors].flatMap(({ a, b }) => [a, ...b]));
  // Signs are on the rows; in the flipped kernel on the columns.
  const [left, right] = [
    formula === 'sgd' ? same : Math.sign,
    formula === 'signgd' ? Math.sign : same,
  ] as const;
  const tolerance = 1e-5;
  expect(relativeDifference(into.self!.kernel, gram(rows, rows, size.outputs, left, right))).toBeLessThan(
    tolerance,
  );
  expect(relativeDifference(into.cross.kernel, gram(rows, columns, size.outputs, left, right))).toBeLessThan(
    tolerance,
  );
  if (into.flipped)
    expect(
      relativeDifference(transposed(into.flipped.kernel), gram(columns, rows, size.outputs, left, right)),
    ).toBeLessThan(tolerance);
};

test.each(FORMULAS)(
  '%s: batches of like lengths are padded and joined, of others copied together',
  async (formula) => {
    const columns: [number, number][] = [
      [3, 6],
      [2, 9],
      [1, 40],
    ];
    for (const [inSize, outSize] of [
      [6, 10],
      [10, 6],
    ] as const)
      for (const outputs of [1, 2]) {
        await expectContracted(
          formula,
          { inSize, outSize, outputs },
          {
            rows: [
              [2, 5],
              [3, 8],
            ],
            columns,
          },
        );
        await expectContracted(
          formula,
          { inSize, outSize, outputs },
          {
            rows: [
              [2, 4],
              [3, 90],
            ],
            columns,
          },
        );
      }
  },
);

test.each(FORMULAS)('%s: gradients in several slices', async (formula) => {
  const batches = {
    rows: [
      [2, 3],
      [1, 5],
    ] as [number, number][],
    columns: [[2, 4]] as [number, number][],
  };
  for (const [inSize, outSize] of [
    [3, 4096],
    [4096, 3],
  ] as const)
    for (const outputs of [1, 2]) await expectContracted(formula, { inSize, outSize, outputs }, batches);
});

test.each(FORMULAS)('%s: more rows and columns than one run takes', async (formula) => {
  await expectContracted(
    formula,
    { inSize: 4, outSize: 5, outputs: 2 },
    {
      rows: [
        [150, 3],
        [100, 2],
        [60, 2],
      ],
      columns: [
        [200, 2],
        [90, 3],
      ],
    },
  );
});

test.each(FORMULAS)('%s: without columns', async (formula) => {
  await expectContracted(
    formula,
    { inSize: 4, outSize: 5, outputs: 2 },
    {
      rows: [
        [3, 3],
        [2, 2],
      ],
      columns: [],
    },
  );
});
