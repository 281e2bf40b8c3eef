import { Mt19937, type NDArray, ndarray } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { takePart } from '@ntk-lens/models';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { denseProjection } from './dense.js';
import { gradientProjection, oneGroup } from './gradient-projection.js';
import { hadamardInPlace } from './hadamard.js';
import { hadamardProjection } from './hadamard-projection.js';
import type { RandomProjection } from './random-projection.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
});
afterAll(() => runtime.close());

/** Π of a parameter, row by row, from the long and the short part on the host. */
const explicit = (projection: RandomProjection, rows: number, width: number): Float64Array[] => {
  const range = { key: 'w', parameter: 'w', row: 0, rows, width };
  return Array.from({ length: rows * width }, (_, i) => {
    const sums = new Float64Array(projection.size);
    const values = new Float32Array(rows * width);
    values[i] = 1;
    projection.add(range, [{ values, into: sums }]);
    return projection.shorten(sums);
  });
};

const normals = (seed: number, n: number) => {
  const random = new Mt19937(seed);
  return Float32Array.from({ length: n }, () => random.standardNormal());
};

const difference = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  let [d, s] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    d += (a[i]! - b[i]!) ** 2;
    s += b[i]! ** 2;
  }
  return Math.sqrt(d / s);
};

test('the Hadamard transform is its matrix’s own inverse up to size', () => {
  const x = Float64Array.from(normals(1, 64));
  const y = x.slice();
  hadamardInPlace(y);
  expect(y.reduce((s, v) => s + v * v, 0)).toBeCloseTo(64 * x.reduce((s, v) => s + v * v, 0), 6);
  hadamardInPlace(y);
  expect(
    difference(
      y,
      x.map((v) => 64 * v),
    ),
  ).toBeLessThan(1e-12);
});

for (const [name, make] of [
  ['dense', denseProjection],
  ['hadamard', hadamardProjection],
] as const) {
  describe(name, () => {
    for (const [k, rows, width] of [
      [1, 3, 7],
      [5, 8, 5],
      [8, 10, 5],
      [16, 21, 1],
      [100, 3, 100],
      [130, 5, 18],
      [300, 9, 10],
      [1100, 20, 45],
    ] as const) {
      test(`programs and host agree with explicit Π, k = ${k}, ${rows} rows of ${width}`, async () => {
        const projection = make(k, 7);
        const D = rows * width;
        const all = { key: 'w', parameter: 'w', row: 0, rows, width };
        const g = normals(2, 3 * D);
        const run = async (
          inputs: Record<string, NDArray<'float32'>>,
          build: Parameters<Runtime['compute']>[0]['build'],
        ): Promise<Float32Array> => {
          const resident: Record<string, Awaited<ReturnType<Runtime['upload']>>> = {};
          for (const [key, array] of Object.entries(inputs)) resident[key] = await runtime.upload(array);
          const specs = Object.entries(inputs).map(([key, { shape }]) => [key, { dtype: 'float32', shape }]);
          const program = { name: `${build} ${Math.random()}`, inputs: Object.fromEntries(specs), build };
          return (await runtime.compute(program, resident))['y']!.data as Float32Array;
        };
        const pi = explicit(projection, rows, width);
        const expected = [0, 1, 2].map((r) => {
          const sums = new Float64Array(k);
          for (let i = 0; i < D; i++) for (let j = 0; j < k; j++) sums[j]! += g[r * D + i]! * pi[i]![j]!;
          return sums;
        });
        // Downwards in two ranges of rows, which add up.
        const sums = [0, 1, 2].map(() => new Float64Array(projection.size));
        for (const [row, count] of [
          [0, 2],
          [2, rows - 2],
        ] as const) {
          const range = { ...all, row, rows: count };
          const part = Float32Array.from({ length: 3 * count * width }, (_, i) => {
            const [r, j] = [Math.floor(i / (count * width)), i % (count * width)];
            return g[r * D + row * width + j]!;
          });
          const y = await run(
            { g: ndarray<'float32'>(part, [3, count * width]), c: projection.constants(range) },
            ({ g, c }) => ({ y: projection.down(g!, c!, width) }),
          );
          for (const [r, sum] of sums.entries())
            for (let i = 0; i < sum.length; i++) sum[i]! += y[r * projection.size + i]!;
        }
        for (const [r, sum] of sums.entries())
          expect(difference(projection.shorten(sum), expected[r]!)).toBeLessThan(1e-5);

        // Upwards, of all rows and of some in another order.
        const z = normals(3, k);
        const up = (constants: NDArray<'float32'>) =>
          run(
            { z: ndarray<'float32'>(z.slice(), [k]), c: constants, s: projection.shortConstants() },
            ({ z, c, s }) => ({ y: projection.up(projection.lengthenTensor(z!, s!), c!, width) }),
          );
        const product = pi.map((row) => row.reduce((sum, x, j) => sum + x * z[j]!, 0));
        expect(difference(await up(projection.constants(all)), product)).toBeLessThan(1e-5);
        expect(difference(projection.expand(projection.lengthen(z), all), product)).toBeLessThan(1e-5);
        const chosen = takePart(projection.constants(all), { rows: [2, 0] });
        expect(
          difference(await up(chosen), [...product.slice(2 * width, 3 * width), ...product.slice(0, width)]),
        ).toBeLessThan(1e-5);
      });
    }

    test('kernels are given one program for all seeds, which projects as the host does', async () => {
      const [k, rows, width] = [20, 4, 6];
      const range = { key: 'w', parameter: 'w', row: 0, rows, width };
      const programOf = (dimension: number, seed: number, count = 2) =>
        gradientProjection(make(dimension, seed), oneGroup(dimension)).program(range, count);
      const identity = programOf(k, 1).identity;
      expect(programOf(k, 2).identity).toBe(identity);
      expect(programOf(k + 1, 1).identity).not.toBe(identity);
      for (const seed of [1, 2]) {
        const projection = make(k, seed);
        const gradients = normals(3, 2 * rows * width);
        const sums = [0, 1].map((r) => {
          const into = new Float64Array(projection.size);
          projection.add(range, [
            { values: gradients.slice(r * rows * width, (r + 1) * rows * width), into },
          ]);
          return into;
        });
        const { p } = await runtime.compute(programOf(k, seed), {
          g: await runtime.upload(ndarray<'float32'>(gradients, [2, rows * width])),
          constants: await runtime.upload(projection.constants(range)),
        });
        expect(difference(p!.data, [...sums[0]!, ...sums[1]!])).toBeLessThan(1e-5);
      }
    });

    test('ΠΠᵀ is the identity on average', () => {
      const D = 24;
      const mean = Array.from({ length: D }, () => new Float64Array(D));
      const draws = 400;
      for (let seed = 0; seed < draws; seed++) {
        const rows = explicit(make(11, seed), 4, 6);
        for (const [i, x] of rows.entries())
          for (const [j, y] of rows.entries())
            mean[i]![j]! += x.reduce((s, v, l) => s + v * y[l]!, 0) / draws;
      }
      for (const [i, row] of mean.entries())
        for (const [j, value] of row.entries())
          expect(Math.abs(value - (i === j ? 1 : 0))).toBeLessThan(0.12);
    });

    for (const [what, rows, width, at] of [
      ['in all rows', 12, 6, () => true],
      ['in one row', 12, 6, (row: number) => row === 5],
      ['in rows a power of two apart', 12, 6, (row: number) => row % 8 === 1],
      ['in one number', 24, 1, (row: number) => row === 5],
      ['in all numbers of a vector', 24, 1, () => true],
      ['in one long row', 2, 40, (row: number) => row === 1],
    ] as const) {
      test(`of gradients ${what}, lengths vary as with Gaussian Π, by 2/k`, () => {
        const random = new Mt19937(4);
        const values = Float32Array.from({ length: rows * width }, (_, i) => {
          const x = random.standardNormal();
          return at(Math.floor(i / width)) ? x : 0;
        });
        const length = values.reduce((sum, x) => sum + x * x, 0);
        const [k, draws] = [24, 200];
        let [sum, squares] = [0, 0];
        for (let seed = 0; seed < draws; seed++) {
          const projection = make(k, seed);
          const into = new Float64Array(projection.size);
          projection.add({ key: 'w', parameter: 'w', row: 0, rows, width }, [{ values, into }]);
          const projected = projection.shorten(into).reduce((s, x) => s + x * x, 0) / length;
          sum += projected;
          squares += projected ** 2;
        }
        const mean = sum / draws;
        expect(Math.abs(mean - 1)).toBeLessThan(4 * Math.sqrt(2 / k / draws));
        expect(squares / draws - mean ** 2).toBeLessThan((1.5 * 2) / k);
      });
    }

    test('a seed gives the same Π, another seed another', () => {
      expect(explicit(make(5, 3), 4, 5)).toEqual(explicit(make(5, 3), 4, 5));
      expect(explicit(make(5, 3), 4, 5)).not.toEqual(explicit(make(5, 4), 4, 5));
    });
  });
}
