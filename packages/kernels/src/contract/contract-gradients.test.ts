import { type NDArray, ndarray } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { relativeDifference } from '@ntk-lens/testing/compare';
import { sampled } from '@ntk-lens/testing/sampled';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { MatrixFactors } from '../factors/stage-factors.js';
import { isSymmetric, type KernelFormula } from '../formulas/formula.js';
import { type GradientMap, identityMap, scaleMap, signMap } from '../formulas/gradient-map.js';
import { formulas } from '../formulas/index.js';
import { testRuntime } from '../testing/test-runtime.js';
import { contractGradients } from './contract-gradients.js';
import { TileKernels } from './tile-kernels.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: testRuntime, threads: 1 });
});
afterAll(() => runtime.close());
afterEach(() => {
  expect(runtime.residentBytes).toBe(0);
});

/** A vector in parameter space that is not read here: factors come with the contraction. */
const unread = { read: () => Promise.reject(new Error('not read')) };

const made = (name: string, train: GradientMap, query: GradientMap): KernelFormula => ({
  ...{ name, title: name, train, query },
});
const [scale, otherScale] = [scaleMap(unread), scaleMap(unread)];

const FORMULAS: readonly (readonly [string, KernelFormula])[] = [
  ...Object.entries(formulas).filter(([, { prepare }]) => !prepare),
  ...[
    made('one scale', scale, scale),
    made('two scales', scale, otherScale),
    made('sign, scale', signMap, scale),
    made('scale, sign', scale, signMap),
    made('identity, scale', identityMap, scale),
  ].map((formula) => [formula.name, formula] as const),
];

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

const gram = (rows: Side, columns: Side, outputs: number, left: Mapping, right: Mapping) => {
  const images = columns.gradients.map(right);
  return ndarray<'float64'>(
    Float64Array.from(
      rows.gradients.flatMap((x) => {
        const mapped = left(x);
        return images.map((image) => dot(mapped, image));
      }),
    ),
    [rows.gradients.length / outputs, outputs, columns.gradients.length / outputs, outputs],
  );
};

const dot = (x: Float64Array, y: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!;
  return sum;
};

type Mapping = (gradient: Float64Array) => Float64Array;

/** Factors of a map of an `[out, in]` gradient, and as the matrix is stored. */
const factorsOf = async ({ needsFactors }: GradientMap, { inSize, outSize }: Size, inFirst: boolean) => {
  if (!needsFactors) return { numbers: undefined, resident: undefined };
  const numbers = Float32Array.from({ length: inSize * outSize }, () => 1.5 + random());
  const stored = inFirst
    ? numbers.map((_, i) => numbers[(i % outSize) * inSize + Math.floor(i / outSize)]!)
    : numbers.slice();
  const shape = inFirst ? [inSize, outSize] : [outSize, inSize];
  return { numbers, resident: await runtime.upload(ndarray<'float32'>(stored, shape)) };
};

const expectContracted = async (
  formula: KernelFormula,
  size: Size,
  batches: { readonly rows: readonly [number, number][]; readonly columns: readonly [number, number][] },
  inFirst = false,
): Promise<void> => {
  const rows = await side(batches.rows, size);
  const columns = await side(batches.columns, size);
  const [n, m] = [rows, columns].map(({ gradients }) => gradients.length / size.outputs) as [number, number];
  const tile = { rows: n, columns: m, outputs: size.outputs, self: true, diagonal: true };
  const into = new TileKernels(formula, tile);
  const { outputs, ...matrix } = size;
  const sides = { rows: rows.factors, columns: columns.factors };
  const { train, query } = formula;
  const trained = await factorsOf(train, size, inFirst);
  const queried = train === query ? trained : await factorsOf(query, size, inFirst);
  const factors = { train: trained.resident, query: queried.resident };
  await contractGradients({ runtime, size: matrix, inFirst, factors, ...sides }, into);
  runtime.release([...rows.factors, ...columns.factors].flatMap(({ a, b }) => [a, ...b]));
  runtime.release(new Set([factors.train, factors.query].filter((factor) => factor !== undefined)));
  const left: Mapping = (gradient) => train.numbers(gradient, trained.numbers);
  const right: Mapping = (gradient) => query.numbers(gradient, queried.numbers);
  const expectNear = (found: NDArray, expected: NDArray) =>
    expect(relativeDifference(found, expected)).toBeLessThan(1e-5);
  expectNear(into.self!.kernel, gram(rows, rows, outputs, left, right));
  expectNear(into.cross.kernel, gram(rows, columns, outputs, left, right));
  expect(into.flipped === undefined).toBe(isSymmetric(formula));
  if (into.flipped) expectNear(into.flipped.kernel, gram(rows, columns, outputs, right, left));
  const squares = columns.gradients.map((x) => dot(left(x), right(x)));
  expectNear(into.diagonal!.kernel, ndarray<'float64'>(Float64Array.from(squares), [m, outputs, 1, 1]));
};

test.each(sampled(FORMULAS, 1))(
  '%s: batches of like lengths are padded and joined, of others copied together',
  async (_, formula) => {
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

test.each(sampled(FORMULAS, 1))('%s: gradients in several slices', async (_, formula) => {
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
    for (const outputs of [1, 2])
      for (const inFirst of [false, true])
        await expectContracted(formula, { inSize, outSize, outputs }, batches, inFirst);
});

test.each(sampled(FORMULAS, 1))('%s: more rows and columns than one run takes', async (_, formula) => {
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

test.each(sampled(FORMULAS, 1))('%s: without columns', async (_, formula) => {
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
