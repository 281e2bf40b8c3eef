import { tf } from '@ntk-lens/engine';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { SideInputs } from '../../stages/side-inputs.js';
import { type Rope, rotaryFrequencies } from './rope.js';
import { rotaryTables, rotate } from './rotary.js';

beforeAll(() => tf.setBackend('cpu'));

const plain: Rope = { theta: 10_000, partial: 1, scaling: { type: 'default' } };
const sideOf = (positions: readonly number[]) =>
  ({
    positions: tf.tensor2d(Int32Array.from(positions), [1, positions.length], 'int32'),
  }) as unknown as SideInputs;

test('tables have the cosine and sine of every position and pair, however far the position is', () => {
  fc.assert(
    fc.property(
      fc
        .integer({ min: 1, max: 200_000 })
        .chain((most) =>
          fc.tuple(fc.constant(most), fc.array(fc.nat(most - 1), { minLength: 1, maxLength: 5 })),
        ),
      ([most, positions]) => {
        const { frequencies } = rotaryFrequencies(plain, 8);
        const { cos, sin } = rotaryTables(sideOf(positions), { rope: plain, headSize: 8, positions: most });
        expect(cos.shape).toEqual([1, positions.length, 4]);
        const [c, s] = [cos.dataSync(), sin.dataSync()];
        for (const [t, position] of positions.entries())
          for (const [i, frequency] of frequencies.entries()) {
            expect(Math.abs(c[4 * t + i]! - Math.cos(position * frequency))).toBeLessThan(3e-7);
            expect(Math.abs(s[4 * t + i]! - Math.sin(position * frequency))).toBeLessThan(3e-7);
          }
      },
    ),
    { numRuns: 50 },
  );
});

test('products of turned queries and keys depend on the distance alone, and the unturned part stays', () => {
  const rope: Rope = { ...plain, theta: 50, partial: 0.5 };
  const product = (q: number, k: number) => {
    const x = tf.randomNormal([1, 2, 16], 0, 1, 'float32', 1);
    const tables = rotaryTables(sideOf([q, k]), { rope, headSize: 8, positions: 1_000 });
    const turned = rotate(x, 8, tables);
    const rest = (y: tf.Tensor) => [...y.reshape([2, 2, 8]).slice([0, 0, 4], [2, 2, 4]).dataSync()];
    expect(rest(turned)).toEqual(rest(x));
    const [a, b] = tf.unstack(turned.reshape([2, 2, 8]));
    return [...a!.mul(b!).sum(-1).dataSync()];
  };
  const near = product(3, 9);
  for (const [h, value] of product(903, 909).entries()) expect(value).toBeCloseTo(near[h]!, 4);
  expect(Math.abs(product(3, 10)[0]! - near[0]!)).toBeGreaterThan(1e-3);
});

test('the derivative is that of automatic differentiation: what is turned forwards is turned back', () => {
  const rope: Rope = { ...plain, partial: 0.5 };
  const tables = rotaryTables(sideOf([2, 7, 40]), { rope, headSize: 8, positions: 64 });
  const [x, dy] = [1, 2].map((seed) => tf.randomNormal([1, 3, 16], 0, 1, 'float32', seed));
  const back = tf.grad((y: tf.Tensor) => rotate(y, 8, tables))(x!, dy!);
  const perUnit = Array.from({ length: 16 }, (_, i) => {
    const unit = tf
      .oneHot(tf.tensor1d([i, i, i], 'int32'), 16)
      .toFloat()
      .reshape([1, 3, 16]);
    return [...rotate(unit, 8, tables).mul(dy!).sum(-1).dataSync()];
  });
  const found = back.dataSync();
  for (const [i, tokens] of perUnit.entries())
    for (const [t, expected] of tokens.entries()) expect(found[16 * t + i]).toBeCloseTo(expected, 5);
});
