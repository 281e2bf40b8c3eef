import {
  BadArgumentError,
  columnOf,
  fromColumns,
  type LinearOperator,
  type LongTaskOptions,
  Mt19937,
} from '@ntk-lens/core';
import { tridiagonalEigen } from '../linalg/divide-conquer.js';
import { LanczosRun } from '../linalg/lanczos.js';
import { makePause } from '../linalg/pause.js';
import { decomposeSymmetric, eigenvectorsOf } from '../linalg/symmetric-eigen.js';
import { combine, inner, orthonormal, removeParts } from './columns.js';
import { type Interval, intervalOf, meanOf } from './interval.js';
import { type IterationStore, keptProduct } from './iteration-store.js';
import { runLanczos } from './krylov.js';
import { nested } from './nested-progress.js';
import { normalVector } from './nystrom.js';

export interface TraceOptions extends LongTaskOptions {
  /** Directions in which the operator is known exactly, those where it is largest. Default: 16. */
  readonly sketch?: number;
  /** Random vectors that say what is left, at least 2. Default: 16. */
  readonly samples?: number;
  /** Default: 0. */
  readonly seed?: number;
  /** Keeps what is done, so that a call that was interrupted goes on. One store is for one call. Default: nothing is kept. */
  readonly store?: IterationStore;
}

const what = 'trace of the kernel';

/** An orthonormal basis of the directions where K is large, and random vectors without parts in it. */
const splitSpace = async (operator: LinearOperator, options: TraceOptions) => {
  const { sketch = 16, samples = 16, seed = 0, store, signal, onProgress } = options;
  const [size, columns] = operator.shape;
  if (size !== columns) throw new BadArgumentError('operator', `shape [${size}, ${columns}]`, 'a square one');
  if (!(Number.isInteger(sketch) && sketch >= 1))
    throw new BadArgumentError('sketch', sketch, 'a positive integer');
  if (!(Number.isInteger(samples) && samples >= 2))
    throw new BadArgumentError('samples', samples, 'an integer from 2');
  const random = new Mt19937(seed);
  const draw = (count: number) => Array.from({ length: count }, () => normalVector(random, size));
  const event = { phase: what, done: 0, total: 2, unit: 'products' };
  const start = fromColumns(draw(Math.min(sketch, size)));
  const product = await keptProduct(store, 'sketch-0', () =>
    operator.matmat(start, nested({ signal, onProgress }, event)),
  );
  const basis = orthonormal(Array.from({ length: product.shape[1]! }, (_, j) => columnOf(product, j)));
  const rest = draw(samples);
  for (const w of rest) for (let pass = 0; pass < 2; pass++) removeParts(w, basis);
  return { basis, rest };
};

/**
 * The trace of a positive semidefinite operator by Hutch++ (Meyer, Musco, Musco & Woodruff 2021). A sketch finds the directions
 * where it is large, and there it is exact. In all others it is the mean of wᵀ K w over random w, and the 95 % interval is
 * Student's of that mean.
 *
 * @example
 * ```ts
 * const { value, low, high } = await estimateTrace(splits.train.kernel);
 * ```
 * @throws BadArgumentError for an operator that is not square, and for numbers out of range; CancelledError
 */
export const estimateTrace = async (
  operator: LinearOperator,
  options: TraceOptions = {},
): Promise<Interval> => {
  const { basis, rest } = await splitSpace(operator, options);
  const vectors = [...basis, ...rest];
  const event = { phase: what, done: 1, total: 2, unit: 'products' };
  const product = await keptProduct(options.store, 'sketch-2', () =>
    operator.matmat(fromColumns(vectors), nested(options, event)),
  );
  const forms = vectors.map((x, j) => inner(x, columnOf(product, j)));
  const exact = forms.slice(0, basis.length).reduce((sum, form) => sum + form, 0);
  return intervalOf(forms.slice(basis.length), (mean) => exact + mean);
};

/** Change of a quadrature that counts as none, in units of the largest eigenvalue. */
const QUADRATURE_TOLERANCE = 1e-6;
const MOST_STEPS = 200;
/** Steps from one look at a quadrature to the next. */
const LOOK = 4;

/** λ ln λ, and 0 where rounding made λ negative. */
const entropyTerm = (value: number): number => (value > 0 ? value * Math.log(value) : 0);

/** xᵀ φ(A) x of the start x, by Gauss's rule on the spectrum. */
const quadrature = async (run: LanczosRun, phi: (value: number) => number): Promise<number> => {
  if (run.steps === 0) return 0;
  const { values, first } = await tridiagonalEigen(...run.diagonals, makePause({}, what));
  return run.norm ** 2 * values.reduce((sum, value, k) => sum + first[k]! ** 2 * phi(value), 0);
};

/**
 * The effective rank of a positive semidefinite operator, as the diagnostics of a kernel have it: exp of the entropy of the
 * eigenvalues as shares of the trace (Roy & Vetterli 2007). With t = tr K and e = tr(K ln K) it is exp(ln t − e/t), and Hutch++
 * estimates both from the same vectors; xᵀ K ln K x is Gauss's quadrature of Lanczos's method from x. The 95 % interval is that
 * of the logarithm, linear in the means.
 *
 * @example
 * ```ts
 * const { trace, effectiveRank } = await estimateEffectiveRank(splits.train.kernel, { sketch: 32 });
 * ```
 * @throws what {@link estimateTrace} throws
 */
export const estimateEffectiveRank = async (
  operator: LinearOperator,
  options: TraceOptions = {},
): Promise<{ readonly trace: Interval; readonly effectiveRank: Interval }> => {
  const { store, signal, onProgress } = options;
  const { basis, rest } = await splitSpace(operator, options);
  const size = operator.shape[0];
  const { vectors, largest } = await ritzVectors(operator, basis, options);
  const runs = [...vectors, ...rest].map((x) => new LanczosRun(x));
  // Everything is in units of about the largest eigenvalue.
  const unit = largest > 0 ? largest : 1;
  const found = new Map<LanczosRun, number>();
  const inUnits = (value: number): number => entropyTerm(value / unit);
  await runLanczos(
    operator,
    runs,
    {
      ...{ most: Math.min(MOST_STEPS, size), what, kept: store && { store, name: 'rank' } },
      ...{ signal, onProgress },
    },
    async (run) => {
      if (run.steps % LOOK !== 0) return false;
      const before = found.get(run);
      const after = await quadrature(run, inUnits);
      found.set(run, after);
      return before !== undefined && Math.abs(after - before) <= QUADRATURE_TOLERANCE * run.norm ** 2;
    },
  );
  const pairs: (readonly [trace: number, entropy: number])[] = [];
  for (const run of runs)
    pairs.push([await quadrature(run, (value) => value / unit), await quadrature(run, inUnits)]);
  const exact = pairs.slice(0, basis.length);
  const sum = (of: 0 | 1) => exact.reduce((total, pair) => total + pair[of], 0);
  const [traces, entropies] = [0, 1].map((of) => pairs.slice(basis.length).map((pair) => pair[of]!)) as [
    number[],
    number[],
  ];
  const [t, e] = [sum(0) + meanOf(traces), sum(1) + meanOf(entropies)];
  const slopes = traces.map((own, i) => (1 / t + e / t ** 2) * own - entropies[i]! / t);
  const center = meanOf(slopes);
  return {
    trace: intervalOf(traces, (mean) => unit * (sum(0) + mean)),
    effectiveRank: intervalOf(slopes, (mean) => (t > 0 ? Math.exp(Math.log(t) - e / t + mean - center) : 0)),
  };
};

/** The basis turned so that it is made of approximate eigenvectors, from which Lanczos's method takes few steps. */
const ritzVectors = async (
  operator: LinearOperator,
  basis: readonly Float64Array[],
  options: TraceOptions,
): Promise<{ readonly vectors: readonly Float64Array[]; readonly largest: number }> => {
  const r = basis.length;
  if (r === 0) return { vectors: [], largest: 0 };
  const event = { phase: what, done: 1, total: 2, unit: 'products' };
  const product = await keptProduct(options.store, 'sketch-1', () =>
    operator.matmat(fromColumns(basis), nested(options, event)),
  );
  const form = new Float64Array(r * r);
  const columns = basis.map((_, j) => columnOf(product, j));
  for (let i = 0; i < r; i++)
    for (let j = 0; j <= i; j++)
      form[i * r + j] = form[j * r + i] = (inner(basis[i]!, columns[j]!) + inner(basis[j]!, columns[i]!)) / 2;
  const eigen = await decomposeSymmetric(form, r);
  const rows = await eigenvectorsOf(eigen, {});
  return {
    vectors: basis.map((x, k) => combine(basis, rows.subarray(k * r, (k + 1) * r), x.length)),
    largest: eigen.values[r - 1]!,
  };
};
