import { BadArgumentError, Mt19937 } from '@ntk-lens/core';
import { describe, expect, test } from 'vitest';
import { directionalDerivative } from './finite-difference.js';

describe('a derivative from function values', () => {
  test('is exact for polynomials of degree four', async () => {
    const { value } = await directionalDerivative(
      async (h) => [1 + 3 * h - 2 * h ** 2 + 5 * h ** 3 - h ** 4, 7],
      1,
    );
    expect(value[0]).toBeCloseTo(3, 10);
    expect(value[1]).toBe(0);
  });

  test('of smooth functions is good to nine digits', async () => {
    const { value } = await directionalDerivative(async (h) => [Math.sin(1 + h), Math.exp(2 * h)], 0.5);
    expect(Math.abs(value[0]! - Math.cos(1))).toBeLessThan(1e-9);
    expect(Math.abs(value[1]! - 2)).toBeLessThan(1e-8);
  });

  test('avoids the small steps where rounding of f drowns the difference', async () => {
    const random = new Mt19937(3);
    const noisy = async (h: number) => [Math.sin(1 + h) + 1e-6 * (random.randomSample() - 0.5)];
    const { value, step } = await directionalDerivative(noisy, 0.5, 16);
    expect(Math.abs(value[0]! - Math.cos(1))).toBeLessThan(1e-3);
    expect(step).toBeGreaterThan(0.5 / 2 ** 16);
  });

  test('avoids the large steps where curvature does', async () => {
    const { value, uncertainty } = await directionalDerivative(async (h) => [Math.tanh(30 * h)], 1, 12);
    expect(Math.abs(value[0]! - 30)).toBeLessThan(1e-5);
    expect(uncertainty).toBeLessThan(1e-4);
  });

  test('of what is not a number is not a number', async () => {
    expect((await directionalDerivative(async () => [Number.NaN], 1)).value[0]).toBeNaN();
  });

  test.each([
    [0, 6],
    [-1, 6],
    [Number.NaN, 6],
    [1, 1],
    [1, 2.5],
  ])('refuses a first step of %d halved %d times', async (largest, halvings) => {
    await expect(directionalDerivative(async () => [0], largest, halvings)).rejects.toThrow(BadArgumentError);
  });
});
