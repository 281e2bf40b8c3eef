import { Mt19937, ndarray } from '@ntk-lens/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnalyticNonlinearity, dualActivations } from './dual-activation.js';
import { infiniteKernels } from './infinite-kernels.js';
import type { PerceptronShape } from './perceptron-shape.js';

/** erf to 1e-15, by its Taylor series and, far out, its continued fraction. */
const erf = (x: number): number => {
  if (Math.abs(x) > 3) {
    let fraction = 0;
    for (let k = 60; k >= 1; k--) fraction = k / 2 / (Math.abs(x) + fraction);
    return Math.sign(x) * (1 - Math.exp(-x * x) / Math.sqrt(Math.PI) / (Math.abs(x) + fraction));
  }
  let [term, sum] = [x, x];
  for (let k = 1; k < 80; k++) {
    term *= (-x * x) / k;
    sum += term / (2 * k + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
};
const functions: Record<AnalyticNonlinearity, { f: (x: number) => number; df: (x: number) => number }> = {
  erf: { f: erf, df: (x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) },
  relu: { f: (x) => Math.max(0, x), df: (x) => (x > 0 ? 1 : 0) },
};

const covariances = fc
  .tuple(
    fc.double({ min: 0.05, max: 4, noNaN: true }),
    fc.double({ min: 0.05, max: 4, noNaN: true }),
    fc.double({ min: -0.95, max: 0.95, noNaN: true }),
  )
  .map(([uu, vv, r]) => ({ uu, vv, uv: r * Math.sqrt(uu * vv) }));

describe.each(['erf', 'relu'] as const)('%s', (name) => {
  const { value, derivative } = dualActivations[name];
  const { f, df } = functions[name];

  it('agrees with Monte Carlo', () => {
    for (const covariance of [
      { uu: 1, uv: 0.3, vv: 2 },
      { uu: 0.5, uv: -0.4, vv: 0.7 },
      { uu: 1.5, uv: 1.5, vv: 1.5 },
    ]) {
      const random = new Mt19937(3);
      const draws = 60_000;
      let [products, derivatives] = [0, 0];
      for (let i = 0; i < draws; i++) {
        const [a, b] = [random.standardNormal(), random.standardNormal()];
        const u = Math.sqrt(covariance.uu) * a;
        const left = covariance.vv - covariance.uv ** 2 / covariance.uu;
        const v = (covariance.uv / Math.sqrt(covariance.uu)) * a + Math.sqrt(Math.max(0, left)) * b;
        products += f(u) * f(v);
        derivatives += df(u) * df(v);
      }
      expect(Math.abs(products / draws - value(covariance))).toBeLessThan(0.02);
      expect(Math.abs(derivatives / draws - derivative(covariance))).toBeLessThan(0.01);
    }
  });

  it('its derivative expectation is the slope of the other in the covariance (Price 1958)', () => {
    fc.assert(
      fc.property(covariances, ({ uu, uv, vv }) => {
        const step = 1e-5;
        const slope = (value({ uu, vv, uv: uv + step }) - value({ uu, vv, uv: uv - step })) / (2 * step);
        expect(Math.abs(slope - derivative({ uu, uv, vv }))).toBeLessThan(1e-6);
      }),
    );
  });
});

describe('infiniteKernels', () => {
  const inputs = ndarray<'float64'>(Float64Array.of(1, -0.5, 2, 0.3, 0.8, -1, -1.2, 0.1, 0.4), [3, 3]);

  it('has what is known by hand: ReLU with σ_w = √2 keeps the diagonal, its NTK grows by it per layer', () => {
    for (const hiddenLayers of [1, 2, 5]) {
      const { nngp, ntk } = infiniteKernels(
        { nonlinearity: 'relu', hiddenLayers, weightScale: Math.SQRT2 },
        inputs,
      );
      for (const [i, square] of [5.25, 1.73, 1.61].entries()) {
        expect(nngp.data[i * 4]).toBeCloseTo((2 * square) / 3, 12);
        expect(ntk.data[i * 4]).toBeCloseTo(((hiddenLayers + 1) * 2 * square) / 3, 12);
      }
    }
  });

  it('agrees with a wide network: the covariance of outputs and the sum over neurons of one hidden layer', () => {
    const shape: PerceptronShape = { nonlinearity: 'erf', hiddenLayers: 1, weightScale: 1.3, biasScale: 0.4 };
    const { nngp, ntk } = infiniteKernels(shape, inputs);
    const random = new Mt19937(1);
    const n = 40_000;
    const found = { nngp: new Float64Array(9), ntk: new Float64Array(9) };
    const rows = [0, 1, 2].map((i) => inputs.data.slice(3 * i, 3 * i + 3));
    for (let k = 0; k < n; k++) {
      const [w, b, v] = [
        [0, 0, 0].map(() => random.standardNormal()),
        random.standardNormal(),
        random.standardNormal(),
      ];
      const h = rows.map(
        (x) => (1.3 * x.reduce((sum, value, j) => sum + value * w[j]!, 0)) / Math.sqrt(3) + 0.4 * b,
      );
      for (let i = 0; i < 3; i++) {
        for (let j = 0; j < 3; j++) {
          const value = (1.3 ** 2 / n) * erf(h[i]!) * erf(h[j]!);
          const dot = rows[i]!.reduce((sum, x, c) => sum + x * rows[j]![c]!, 0);
          const slopes = functions.erf.df(h[i]!) * functions.erf.df(h[j]!);
          found.nngp[3 * i + j]! += value;
          found.ntk[3 * i + j]! +=
            value + (1.3 ** 2 / n) * v ** 2 * slopes * ((1.3 ** 2 * dot) / 3 + 0.4 ** 2);
        }
      }
    }
    for (const name of ['nngp', 'ntk'] as const) {
      const limit = name === 'nngp' ? nngp : ntk;
      for (const [at, value] of found[name].entries())
        expect(Math.abs(value + 0.4 ** 2 - limit.data[at]!)).toBeLessThan(0.04);
    }
  });

  it('is symmetric and positive, and the NTK is at least the NNGP kernel', () => {
    const shapes = fc.record({
      nonlinearity: fc.constantFrom('erf' as const, 'relu' as const),
      hiddenLayers: fc.integer({ min: 1, max: 4 }),
      weightScale: fc.double({ min: 0.5, max: 2, noNaN: true }),
      biasScale: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(shapes, (shape) => {
        const { nngp, ntk } = infiniteKernels(shape, inputs);
        for (let i = 0; i < 3; i++) {
          expect(ntk.data[4 * i]).toBeGreaterThanOrEqual(nngp.data[4 * i]!);
          for (let j = 0; j < 3; j++) {
            expect(ntk.data[3 * i + j]).toBe(ntk.data[3 * j + i]);
            const bound = Math.sqrt(ntk.data[4 * i]! * ntk.data[4 * j]!) * (1 + 1e-12);
            expect(Math.abs(ntk.data[3 * i + j]!)).toBeLessThanOrEqual(bound);
          }
        }
      }),
    );
  });

  it.each([
    [{ nonlinearity: 'tanh' as 'erf', hiddenLayers: 1 }, /erf or relu/],
    [{ nonlinearity: 'erf' as const, hiddenLayers: 0 }, /positive integer/],
    [{ nonlinearity: 'erf' as const, hiddenLayers: 1, weightScale: 0 }, /weightScale/],
    [{ nonlinearity: 'erf' as const, hiddenLayers: 1, biasScale: -1 }, /biasScale/],
  ])('refuses %o', (shape, message) => {
    expect(() => infiniteKernels(shape, inputs)).toThrow(message);
  });

  it('refuses inputs that are no matrix', () => {
    const vector = ndarray<'float64'>(Float64Array.of(1, 2), [2]);
    expect(() => infiniteKernels({ nonlinearity: 'erf', hiddenLayers: 1 }, vector)).toThrow(
      /\[examples, features\]/,
    );
  });
});
