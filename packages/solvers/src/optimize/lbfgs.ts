import { dot } from '../linalg/products.js';
import { lineSearch } from './line-search.js';

/** Value and gradient at x. */
export type Objective = (x: Float64Array) => { readonly value: number; readonly gradient: Float64Array };

export interface LbfgsOptions {
  /** Stops when no gradient entry is larger. */
  readonly gradientTolerance: number;
  /** Stops when a step lowers the value by no more than this, relative to max(1, |value|). */
  readonly valueTolerance: number;
  readonly maximumSteps: number;
}

interface Pair {
  readonly s: Float64Array;
  readonly y: Float64Array;
  readonly sy: number;
}

const history = 10;

const direction = (gradient: Float64Array, pairs: readonly Pair[]): Float64Array => {
  const n = gradient.length;
  const d = gradient.map((g) => -g);
  const alphas: number[] = [];
  for (const { s, y, sy } of [...pairs].reverse()) {
    const alpha = dot(s, 0, d, 0, n) / sy;
    alphas.unshift(alpha);
    for (let i = 0; i < n; i++) d[i]! -= alpha * y[i]!;
  }
  const last = pairs.at(-1);
  if (last) {
    const scale = last.sy / dot(last.y, 0, last.y, 0, n);
    for (let i = 0; i < n; i++) d[i]! *= scale;
  }
  for (const [k, { s, y, sy }] of pairs.entries()) {
    const beta = dot(y, 0, d, 0, n) / sy;
    for (let i = 0; i < n; i++) d[i]! += (alphas[k]! - beta) * s[i]!;
  }
  return d;
};

const largest = (x: Float64Array): number => x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/**
 * Limited-memory BFGS without bounds, ten pairs, Moré–Thuente line search, with the first step length, the curvature
 * test and the stopping rules of L-BFGS-B 3.0, so that it stops where SciPy's stops.
 */
export const minimizeLbfgs = (
  objective: Objective,
  start: Float64Array,
  options: LbfgsOptions,
): Float64Array => {
  let x = Float64Array.from(start);
  let { value, gradient } = objective(x);
  let pairs: Pair[] = [];
  for (let step = 0; step < options.maximumSteps; step++) {
    if (largest(gradient) <= options.gradientTolerance) break;
    let d = direction(gradient, pairs);
    let slope = dot(gradient, 0, d, 0, x.length);
    if (slope >= 0) {
      pairs = [];
      d = gradient.map((g) => -g);
      slope = -dot(gradient, 0, gradient, 0, x.length);
    }
    const from = x;
    const at = (rate: number) => {
      const point = from.map((xi, i) => xi + rate * d[i]!);
      const next = objective(point);
      return { point, ...next, slope: dot(next.gradient, 0, d, 0, x.length) };
    };
    const first = step === 0 ? Math.min(1 / Math.sqrt(dot(d, 0, d, 0, x.length)), 1e10) : 1;
    const found = lineSearch(at, value, slope, first);
    if (!found) {
      if (pairs.length === 0) break;
      pairs = [];
      continue;
    }
    const { result, rate } = found;
    const y = result.gradient.map((g, i) => g - gradient[i]!);
    const sy = (result.slope - slope) * rate;
    if (sy > 2 ** -52 * (-slope * rate)) {
      pairs = [...pairs.slice(-(history - 1)), { s: d.map((di) => rate * di), y, sy }];
    }
    const decrease = value - result.value;
    const scale = Math.max(Math.abs(value), Math.abs(result.value), 1);
    ({ value, gradient } = result);
    x = result.point;
    if (decrease <= options.valueTolerance * scale) break;
  }
  return x;
};
