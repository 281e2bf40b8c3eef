import type { AddProduct } from '@ntk-lens/core';
import { ConvergenceError } from '../errors.js';
import { plainProduct, productFor } from '../linalg/add-product.js';
import { choleskyOf, choleskySolve } from '../linalg/cholesky.js';
import { luOf, luSolve } from '../linalg/lu.js';
import type { Pause } from '../linalg/pause.js';
import { dot, multiply } from '../linalg/products.js';
import { crossEntropy, type Likelihood, probabilities, residuals } from './cross-entropy.js';

/**
 * minimize Σ cross-entropy(f) + (penalty/2) aᵀ G a over dual coefficients a and, if asked, one unpenalized intercept
 * b_c per output, with f = offset + G a + b.
 */
export interface LogisticProblem extends Likelihood {
  /** Row-major; `[n·width, n·width]`, or `[n, n]` when every output has the same Gram matrix of its own. */
  readonly gram: Float64Array;
  readonly penalty: number;
  readonly intercept: boolean;
  readonly offset?: Float64Array;
}

export interface LogisticSolution {
  readonly coefficients: Float64Array;
  readonly intercepts: Float64Array;
}

const maximumSteps = 200;

/** Products with G, and G wrapped between the block-diagonal factors R of the Hessian W = R Rᵀ. */
class Gram {
  readonly shared: boolean;
  readonly examples: number;
  readonly size: number;

  constructor(
    readonly data: Float64Array,
    examples: number,
    readonly width: number,
  ) {
    this.examples = examples;
    this.size = examples * width;
    this.shared = width > 1 && data.length === examples * examples;
  }

  times(x: Float64Array): Float64Array {
    if (!this.shared) return multiply(this.data, this.size, this.size, x);
    const y = new Float64Array(this.size);
    const { width, examples, data } = this;
    for (let i = 0; i < examples; i++) {
      for (let j = 0; j < examples; j++) {
        const g = data[i * examples + j]!;
        for (let c = 0; c < width; c++) y[i * width + c]! += g * x[j * width + c]!;
      }
    }
    return y;
  }

  /** Lower triangle of penalty·I + Rᵀ G R, R given as `[n, width, width]` symmetric-square-root factors. */
  system(factors: Float64Array, penalty: number): Float64Array {
    const { width: w, examples, size, data, shared } = this;
    const out = new Float64Array(size * size);
    const left = new Float64Array(w * w);
    for (let i = 0; i < examples; i++) {
      for (let j = 0; j <= i; j++) {
        left.fill(0);
        for (let a = 0; a < w; a++) {
          for (let c = 0; c < w; c++) {
            const r = factors[(i * w + c) * w + a]!;
            if (shared) left[a * w + c]! += r * data[i * examples + j]!;
            else {
              for (let d = 0; d < w; d++) left[a * w + d]! += r * data[(i * w + c) * size + j * w + d]!;
            }
          }
        }
        for (let a = 0; a < w; a++) {
          for (let b = 0; b < w; b++) {
            let sum = 0;
            for (let d = 0; d < w; d++) sum += left[a * w + d]! * factors[(j * w + d) * w + b]!;
            out[(i * w + a) * size + j * w + b] = sum;
          }
        }
      }
    }
    for (let k = 0; k < size; k++) out[k * size + k]! += penalty;
    return out;
  }
}

/** R = D^½ (I − q qᵀ) with q = √p, so that R Rᵀ = diag(p) − p pᵀ; √(p(1 − p)) for one output. */
const hessianFactors = (p: Float64Array, width: number): Float64Array => {
  if (width === 1) return p.map((value) => Math.sqrt(value * (1 - value)));
  const factors = new Float64Array(p.length * width);
  for (let i = 0; i < p.length; i += width) {
    for (let a = 0; a < width; a++) {
      const root = Math.sqrt(p[i + a]!);
      for (let b = 0; b < width; b++) {
        factors[(i + a) * width + b] = root * ((a === b ? 1 : 0) - root * Math.sqrt(p[i + b]!));
      }
    }
  }
  return factors;
};

const applyFactors = (
  factors: Float64Array,
  width: number,
  x: Float64Array,
  transposed: boolean,
): Float64Array => {
  const y = new Float64Array(x.length);
  for (let i = 0; i < x.length; i += width) {
    for (let a = 0; a < width; a++) {
      for (let b = 0; b < width; b++) {
        const r = transposed ? factors[(i + b) * width + a]! : factors[(i + a) * width + b]!;
        y[i + a]! += r * x[i + b]!;
      }
    }
  }
  return y;
};

const sumPerOutput = (x: Float64Array, width: number): Float64Array => {
  const sums = new Float64Array(width);
  for (let i = 0; i < x.length; i++) sums[i % width]! += x[i]!;
  return sums;
};

interface NewtonPoint {
  readonly a: Float64Array;
  readonly b: Float64Array;
}

/** The minimum of the local quadratic model (Rasmussen & Williams 2006, §3.4–3.5), with intercepts. */
const newtonTarget = async (
  gram: Gram,
  problem: LogisticProblem,
  p: Float64Array,
  point: NewtonPoint,
  ga: Float64Array,
  pause: Pause,
  addProduct: AddProduct | undefined,
): Promise<NewtonPoint> => {
  const { width, penalty, intercept } = problem;
  const factors = hessianFactors(p, width);
  const applyW = (x: Float64Array): Float64Array =>
    applyFactors(factors, width, applyFactors(factors, width, x, true), false);
  const system = gram.system(factors, penalty);
  const factor = await choleskyOf(system, gram.size, 0, productFor(gram.size, addProduct), pause);
  if (!factor) {
    throw new ConvergenceError('Logistic regression', 0, 'The kernel is indefinite; add ridge.');
  }
  /** R B⁻¹ Rᵀ x. */
  const inner = (x: Float64Array): Float64Array =>
    applyFactors(factors, width, choleskySolve(factor, applyFactors(factors, width, x, true)), false);
  const right = residuals(p, problem);
  for (const [k, value] of applyW(ga).entries()) right[k]! += value;
  const correction = inner(gram.times(right));
  const a = right.map((value, k) => (value - correction[k]!) / penalty);
  if (!intercept) return { a, b: point.b };
  const columns = Array.from({ length: width }, (_, c) =>
    inner(Float64Array.from({ length: gram.size }, (__, k) => (k % width === c ? 1 : 0))),
  );
  const nullSpace = width > 1 ? 1 : 0;
  const sums = columns.map((column) => sumPerOutput(column, width));
  const schur = Float64Array.from(
    { length: width ** 2 },
    (_, k) => sums[k % width]![Math.floor(k / width)]! + nullSpace,
  );
  const lu = await luOf(schur, width, plainProduct, pause);
  if (!lu) throw new ConvergenceError('Logistic regression', 0, 'All outputs are certain; use more penalty.');
  const step = luSolve(lu, sumPerOutput(a, width));
  for (const [c, column] of columns.entries()) {
    for (let k = 0; k < gram.size; k++) a[k]! -= step[c]! * column[k]!;
  }
  return { a, b: point.b.map((value, c) => value + step[c]!) };
};

/**
 * Newton's method (iteratively reweighted least squares) with backtracking, in dual coordinates.
 *
 * @throws ConvergenceError when 200 steps do not reach predictions steady to 1e-9
 */
export const fitLogistic = async (
  problem: LogisticProblem,
  pause: Pause,
  addProduct?: AddProduct,
): Promise<LogisticSolution> => {
  const { width, classes, penalty, offset } = problem;
  const gram = new Gram(problem.gram, classes.length, width);
  const outputs = (ga: Float64Array, b: Float64Array): Float64Array =>
    ga.map((value, k) => value + b[k % width]! + (offset?.[k] ?? 0));
  let point: NewtonPoint = {
    a: new Float64Array(gram.size),
    b: new Float64Array(width),
  };
  let ga = gram.times(point.a);
  let f = outputs(ga, point.b);
  let value = crossEntropy(f, problem) + (penalty / 2) * dot(point.a, 0, ga, 0, gram.size);
  for (let step = 0; step < maximumSteps; step++) {
    await pause();
    const target = await newtonTarget(gram, problem, probabilities(f, width), point, ga, pause, addProduct);
    const gTarget = gram.times(target.a);
    let accepted = false;
    for (let rate = 1; rate > 1e-9; rate /= 2) {
      const mix = (from: Float64Array, to: Float64Array): Float64Array =>
        from.map((x, k) => x + rate * (to[k]! - x));
      const next = { a: mix(point.a, target.a), b: mix(point.b, target.b) };
      const nextGa = mix(ga, gTarget);
      const nextF = outputs(nextGa, next.b);
      const nextValue = crossEntropy(nextF, problem) + (penalty / 2) * dot(next.a, 0, nextGa, 0, gram.size);
      if (!(nextValue <= value + 1e-12 * Math.abs(value))) continue;
      const change = nextF.reduce((most, x, k) => Math.max(most, Math.abs(x - f[k]!)), 0);
      const scale = nextF.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
      accepted = rate === 1 && change <= 1e-9 * scale;
      point = next;
      ga = nextGa;
      f = nextF;
      const stalled = rate < 1e-3 && value - nextValue <= 1e-12 * Math.abs(value);
      value = nextValue;
      accepted ||= stalled;
      break;
    }
    if (accepted) return { coefficients: point.a, intercepts: point.b };
  }
  throw new ConvergenceError('Logistic regression', maximumSteps, 'Use more regularization.');
};
