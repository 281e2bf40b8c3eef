import {
  BadArgumentError,
  columnOf,
  fromColumns,
  type LongTaskOptions,
  type NDArray,
  ndarray,
} from '@ntk-lens/core';
import { ConvergenceError } from '../errors.js';
import type { TrainShape } from '../kernel/split.js';
import { doubled, f0Offset, targetVector } from '../kernel/targets.js';
import { addScaled } from '../operators/columns.js';
import type { Metric, SearchRow } from '../select/select-on-dev.js';
import { compareSimplicity } from '../select/simplicity.js';
import type { MatrixFreeSpec } from './matrix-free-spec.js';
import { checkOperatorSplit, type OperatorSplit } from './operator-split.js';
import { type IterationOptions, keyOf, solveCandidates } from './solve-candidates.js';

export interface MatrixFreeOptions extends IterationOptions {
  readonly train: OperatorSplit;
  readonly dev: OperatorSplit;
  /** As `matrixFreeCandidates` makes them. */
  readonly candidates: readonly MatrixFreeSpec[];
  readonly metric: Metric;
  /** Own regression targets `[N, C]`; predictions are then raw. */
  readonly targets?: NDArray<'float64'>;
}

/** The choice of dev among candidates whose kernel was never written out. */
export interface MatrixFreeSelection {
  readonly spec: MatrixFreeSpec;
  /** One number for each (training example, logit). */
  readonly coefficients: Float64Array;
  readonly dev: number;
  /** The whole search path, in the order of the candidates. */
  readonly rows: readonly SearchRow[];
  /** The largest eigenvalue of the train kernel, the unit of ridge strengths. */
  readonly largestEigenvalue: number;
  /** Iterations of the chosen candidate. */
  readonly iterations: number;
  /** Scores float64 `[query, labels]` of a split, the largest per row is the prediction; binary mode gives (−p, p). */
  predict(split: OperatorSplit, options?: LongTaskOptions): Promise<NDArray<'float64'>>;
}

/**
 * Solves a kernel that is known by its products with every candidate, scores them on dev and returns the best, as `selectOnDev`
 * does for kernels in memory. Equal scores go to the simpler candidate. One that does not converge is recorded in its row and
 * passed over. All candidates share one Nyström approximation and their products (docs/theory.md, Products with the kernel).
 *
 * @example
 * ```ts
 * const { splits } = await openKernelOperators(request);
 * const withLabels = (split: 'train' | 'dev' | 'test') => ({ ...splits[split]!, labels: gold[split] });
 * const chosen = await selectMatrixFree({
 *   train: withLabels('train'), dev: withLabels('dev'), metric,
 *   candidates: matrixFreeCandidates({ solver: 'lstsq', ridge: [0.01, 0.1], f0Scales: [null] }),
 * });
 * const scores = await chosen.predict(withLabels('test'));
 * ```
 * @throws BadArgumentError without candidates; KernelShapeError, LabelsError, OneClassError, NonFiniteKernelError for splits
 *   that do not fit; ConvergenceError when no candidate could be scored; CancelledError
 */
export const selectMatrixFree = async (options: MatrixFreeOptions): Promise<MatrixFreeSelection> => {
  const { train, dev, candidates, metric, targets, signal, onProgress } = options;
  if (candidates.length === 0) throw new BadArgumentError('candidates', 'none', 'at least one solver');
  const shape = checkOperatorSplit(train);
  checkOperatorSplit(dev, shape);
  const y = targetVector(train, shape, targets);
  const usesF0 = candidates.some(({ f0Scale = Number.POSITIVE_INFINITY }) => Number.isFinite(f0Scale));
  // With f₀ in units of 1: its solution serves every scale.
  const rights = usesF0 ? [y, f0Offset(train, { f0Scale: 1 })] : [y];
  const { solutions, largestEigenvalue } = await solveCandidates(train.kernel, candidates, rights, options);
  const solved = [...solutions].flatMap(([key, found]) =>
    found instanceof ConvergenceError ? [] : found.columns.map((column, r) => ({ key, r, column })),
  );
  if (solved.length === 0) throw [...solutions.values()].find((found) => found instanceof ConvergenceError)!;
  const products = await dev.kernel.matmat(fromColumns(solved.map(({ column }) => column)), {
    signal,
    onProgress,
  });
  const onDev = (key: string) => solved.flatMap((one, j) => (one.key === key ? [columnOf(products, j)] : []));
  const scoresOf = scoring(shape, targets === undefined);
  let best: { readonly at: number; readonly dev: number } | undefined;
  const rows = candidates.map((spec, at): SearchRow => {
    const { solver, ...own } = spec;
    const row = {
      solver,
      options: Object.fromEntries(
        Object.entries(own).map(([name, value]) => [
          name,
          typeof value === 'number' && !Number.isFinite(value) ? null : value,
        ]),
      ),
      ...{ chosen: false, warnings: [] },
    };
    const found = solutions.get(keyOf(spec))!;
    if (found instanceof ConvergenceError) return { ...row, dev: null, error: found.message };
    const score = metric(scoresOf(combined(onDev(keyOf(spec)), spec), dev, spec), dev.labels);
    if (Number.isNaN(score)) return { ...row, dev: null };
    const isSimpler = score === best?.dev && compareSimplicity(spec, candidates[best.at]!) < 0;
    if (!best || score > best.dev || isSimpler) best = { at, dev: score };
    return { ...row, dev: score };
  });
  // The compiler does not see that the rows were made.
  const chosen = best as { readonly at: number; readonly dev: number } | undefined;
  if (!chosen) throw new BadArgumentError('metric', 'NaN for every candidate', 'a number on dev');
  const spec = candidates[chosen.at]!;
  const found = solutions.get(keyOf(spec))!;
  if (found instanceof ConvergenceError) throw found;
  const coefficients = combined(found.columns, spec);
  return {
    ...{ spec, coefficients, dev: chosen.dev, largestEigenvalue, iterations: found.iterations },
    rows: rows.map((row, at) => ({ ...row, chosen: at === chosen.at })),
    predict: async (split, long = {}) => {
      checkOperatorSplit(split, shape);
      return scoresOf(await split.kernel.matvec(coefficients, long), split, spec);
    },
  };
};

/** a_y − a_f₀ / s of the solutions, or products, for the labels and for f₀. */
const combined = (
  [ofLabels, ofF0]: readonly Float64Array[],
  { f0Scale = Number.POSITIVE_INFINITY }: MatrixFreeSpec,
): Float64Array => {
  const sum = ofLabels!.slice();
  if (ofF0 && Number.isFinite(f0Scale)) addScaled(sum, -1 / f0Scale, ofF0);
  return sum;
};

/** Makes scores of products with coefficients. */
const scoring =
  ({ logits }: TrainShape, scoresLabels: boolean) =>
  (products: Float64Array, split: OperatorSplit, spec: MatrixFreeSpec): NDArray<'float64'> => {
    const flat = products.slice();
    addScaled(flat, 1, f0Offset(split, spec));
    return scoresLabels ? doubled(flat, logits) : ndarray<'float64'>(flat, split.logits.shape);
  };
