import { type RidgeOptions, ridge } from '../definition/options.js';
import { defineSolver, type Problem } from '../definition/solver-definition.js';
import {
  type CrossValidationOptions,
  crossValidationOptions,
  fitCrossValidated,
} from '../logistic/cross-validation.js';
import { type FeatureData, type FeatureWeights, linearOutput } from '../logistic/feature-logistic.js';

/** A ridge is added to the train kernel before its rows become features. */
export interface LogisticOptions extends RidgeOptions, CrossValidationOptions {}

export interface LogisticSolution {
  /** The inverse penalty strength that cross-validation chose. */
  readonly penaltyC: number;
  /** Classes that were trained, ascending. */
  readonly classes: Float64Array;
  readonly weights: FeatureWeights;
}

const widthOf = (classes: ArrayLike<number>): number => (classes.length === 2 ? 1 : classes.length);

/** Rows of features, one per query: all kernel entries (train example, logit, query's logit) that involve it. */
const featureRows = (kernel: Float64Array, rows: number, queries: number, logits: number): Float64Array => {
  const features = new Float64Array(kernel.length);
  for (let r = 0; r < rows; r++) {
    for (let q = 0; q < queries; q++) {
      for (let c = 0; c < logits; c++) {
        features[(q * rows + r) * logits + c] = kernel[(r * queries + q) * logits + c]!;
      }
    }
  }
  return features;
};

/**
 * Cross-validated logistic regression on kernel rows as features, as the reference's `logistic`
 * (`LogisticRegressionCV`): L2 penalty, unpenalized intercept, stratified folds, accuracy as the score. It treats
 * the kernel as a table of features, not as a kernel; {@link kernelLogistic} is the kernel method. Scores are
 * the log-odds in binary mode; labels absent from training score −Infinity.
 *
 * @example
 * ```ts
 * const solver = await createSolver({ solver: 'logistic' }).fit(train);
 * const logOdds = solver.predict(test);
 * ```
 */
export const logistic = defineSolver({
  name: 'logistic',
  title: 'cross-validated logistic regression on kernel rows as features',
  purpose: 'for parity with the reference; needs no dev set, fits 51 models for every ridge',
  fits: 'labels',
  kernels: 'symmetric',
  auto: false,
  complexity: 6,
  options: { ridge, ...crossValidationOptions },
  solve: async (problem: Problem<LogisticOptions>): Promise<LogisticSolution> => {
    const { split, shape, analysis, settings, shift, pause, warn } = problem;
    const matrix = Float64Array.from(analysis.matrix);
    for (let k = 0; k < analysis.size; k++) matrix[k * (analysis.size + 1)]! += shift;
    const features = featureRows(matrix, analysis.size, shape.examples, shape.logits);
    const classes = Array.from(new Set(split.labels.data)).sort((a, b) => a - b);
    const data: FeatureData = {
      features,
      count: features.length / shape.examples,
      classes: split.labels.data.map((label) => classes.indexOf(label)),
      width: widthOf(classes),
    };
    const fitted = await fitCrossValidated(data, settings, pause, warn);
    return { ...fitted, classes: Float64Array.from(classes) };
  },
  decide: ({ classes, weights }, split, shape) => {
    const { examples, logits } = shape;
    const queries = split.kernel.shape[2]!;
    const width = widthOf(classes);
    const count = examples * logits ** 2;
    const features = featureRows(split.kernel.data, examples * logits, queries, logits);
    const data: FeatureData = { features, count, classes: new Int32Array(queries), width };
    if (logits === 1)
      return Float64Array.from({ length: queries }, (_, q) => linearOutput(data, q, weights, 0));
    const scores = new Float64Array(queries * logits).fill(Number.NEGATIVE_INFINITY);
    for (let q = 0; q < queries; q++) {
      for (const [c, label] of classes.entries()) {
        scores[q * logits + label] =
          width === 1 ? (c - 0.5) * linearOutput(data, q, weights, 0) : linearOutput(data, q, weights, c);
      }
    }
    return scores;
  },
  solution: ({ examples, logits }, { classes }) => ({
    penaltyC: 'number',
    classes: 'numbers',
    weights: widthOf(classes ?? []) * (examples * logits ** 2 + 1),
  }),
});
