import { Mt19937, type NDArray, ndarray } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { denseProjection } from './dense.js';
import { fastfoodProjection } from './fastfood.js';
import { hadamardInPlace } from './hadamard.js';
import type { RandomProjection } from './random-projection.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
});
afterAll(() => runtime.close());

/** Π of a parameter of D numbers, column by column from the long and the short part on the host. */
const explicit = (projection: RandomProjection, D: number): Float64Array[] => {
  const range = { key: 'w', parameter: 'w', start: 0, length: D };
  const rows = Array.from({ length: D }, (_, i) => {
    const sums = new Float64Array(projection.size);
    const values = new Float32Array(D);
    values[i] = 1;
    projection.add(range, [{ values, into: sums }]);
    return projection.shorten(sums);
  });
  return rows;
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
  ['fastfood', fastfoodProjection],
] as const) {
  describe(name, () => {
    for (const [k, D] of [
      [1, 7],
      [5, 40],
      [8, 50],
      [100, 300],
      [300, 90],
      [1100, 900],
    ] as const) {
      test(`programs and host agree with explicit Π, k = ${k}, D = ${D}`, async () => {
        const projection = make(k, 7);
        const D_ = Math.min(D, 60);
        const rows = explicit(projection, D_);
        const range = { key: 'w', parameter: 'w', start: 0, length: D };
        const g = normals(2, 3 * D);
        const whole = [0, 1, 2].map((row) => {
          const sums = new Float64Array(projection.size);
          // In uneven pieces: ranges need not be aligned with blocks.
          for (let start = 0; start < D; start += 13) {
            const values = g.subarray(row * D + start, row * D + Math.min(D, start + 13));
            projection.add({ ...range, start, length: values.length }, [{ values, into: sums }]);
          }
          return sums;
        });
        const constants = projection.constants(range);
        const run = async (
          inputs: Record<string, NDArray<'float32'>>,
          build: Parameters<Runtime['compute']>[0]['build'],
        ) => {
          const resident: Record<string, Awaited<ReturnType<Runtime['upload']>>> = {};
          for (const [key, array] of Object.entries(inputs)) resident[key] = await runtime.upload(array);
          const specs = Object.entries(inputs).map(([key, { shape }]) => [key, { dtype: 'float32', shape }]);
          return runtime.compute(
            { name: `test ${name} ${k} ${D} ${build}`, inputs: Object.fromEntries(specs), build },
            resident,
          );
        };
        const { p } = await run(
          { g: ndarray<'float32'>(g.slice(), [3, D]), ...constants },
          ({ g, ...rest }) => ({
            p: projection.down(g!, rest, range),
          }),
        );
        expect(
          difference(
            p!.data,
            whole.flatMap((sums) => [...sums]),
          ),
        ).toBeLessThan(1e-5);

        const z = normals(3, k);
        const long = projection.lengthen(Float64Array.from(z));
        const { theta } = await run(
          {
            z: ndarray<'float32'>(z.slice(), [k]),
            ...projection.constants(range),
            ...projection.shortConstants(),
          },
          ({ z, ...rest }) => ({ theta: projection.up(projection.lengthenTensor(z!, rest), rest, range) }),
        );
        // ⟨Πz, g⟩ = ⟨z, Πᵀg⟩, and Πz is what the rows of Π say.
        for (const row of [0, 1, 2]) {
          const left = theta!.data.reduce(
            (sum: number, x: number, i: number) => sum + x * g[row * D + i]!,
            0,
          );
          const right = projection.shorten(whole[row]!).reduce((sum, x, i) => sum + x * z[i]!, 0);
          expect(Math.abs(left - right)).toBeLessThan(1e-5 * Math.hypot(...theta!.data) * Math.sqrt(D));
        }
        expect(long.length).toBe(projection.size);
        const head = rows.map((row) => row.reduce((sum, x, i) => sum + x * z[i]!, 0));
        if (D === D_) expect(difference(theta!.data, head)).toBeLessThan(1e-5);
      });
    }

    test('ΠΠᵀ is the identity on average', () => {
      const D = 24;
      const mean = Array.from({ length: D }, () => new Float64Array(D));
      const draws = 400;
      for (let seed = 0; seed < draws; seed++) {
        const rows = explicit(make(11, seed), D);
        for (const [i, x] of rows.entries())
          for (const [j, y] of rows.entries())
            mean[i]![j]! += x.reduce((s, v, l) => s + v * y[l]!, 0) / draws;
      }
      for (const [i, row] of mean.entries())
        for (const [j, value] of row.entries())
          expect(Math.abs(value - (i === j ? 1 : 0))).toBeLessThan(0.12);
    });

    test('a seed gives the same Π, another seed another', () => {
      expect(explicit(make(5, 3), 20)).toEqual(explicit(make(5, 3), 20));
      expect(explicit(make(5, 3), 20)).not.toEqual(explicit(make(5, 4), 20));
    });
  });
}
