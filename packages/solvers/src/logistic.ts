import type { KernelSplit } from '@ntk-lens/core';
import type { KernelAnalysis } from './analysis.js';
import type { Problem, SolverOptions } from './base-solver.js';
import { type CrossValidationOptions, checkCrossValidation, fitCrossValidated } from './cross-validation.js';
import { type FeatureData, type FeatureWeights, linearOutput } from './feature-logistic.js';
import { numberField, objectField, savedSolver, vectorField } from './json.js';
import { LabelSolver } from './label-solver.js';
import { makePause } from './linalg/pause.js';
import { checkNumber } from './options.js';
import type { TrainShape } from './split.js';

export interface LogisticOptions extends SolverOptions, CrossValidationOptions {
  /** As in {@link LstsqOptions.ridge}; added to the train block before its rows become features. Default 0. */
  readonly ridge?: number;
}

interface LogisticSolution {
  readonly penaltyC: number;
  /** Classes that were trained, ascending. */
  readonly classes: Float64Array;
  readonly weights: FeatureWeights;
}

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

const trainFeatures = (analysis: KernelAnalysis, { examples, logits }: TrainShape, shift: number) => {
  const matrix = Float64Array.from(analysis.matrix);
  for (let k = 0; k < analysis.size; k++) matrix[k * (analysis.size + 1)]! += shift;
  return featureRows(matrix, analysis.size, examples, logits);
};

/**
 * Cross-validated logistic regression on kernel rows as features, as the reference's `logistic`
 * (`LogisticRegressionCV`): L2 penalty, unpenalized intercept, stratified folds, accuracy as the score. It treats
 * the kernel as a table of features, not as a kernel; {@link KernelLogisticSolver} is the kernel method. Scores are
 * the log-odds in binary mode; labels absent from training score −Infinity.
 *
 * @example
 * ```ts
 * const solver = await new LogisticSolver().fit(train);
 * const logOdds = solver.predict(test);
 * ```
 */
export class LogisticSolver extends LabelSolver<LogisticOptions, LogisticSolution> {
  readonly name = 'logistic';

  constructor(options: LogisticOptions = {}) {
    super({ ...options });
    checkNumber('ridge', options.ridge ?? 0, 0);
    checkCrossValidation(options);
    this.refuseF0();
  }

  /** The inverse penalty strength that cross-validation chose. */
  get penaltyC(): number {
    return this.requireFitted().solution.penaltyC;
  }

  protected async solve(problem: Problem): Promise<LogisticSolution> {
    const { split, shape, analysis, options, warn } = problem;
    const features = trainFeatures(analysis, shape, (this.options.ridge ?? 0) * analysis.operatorNorm);
    const classes = Array.from(new Set(split.labels.data)).sort((a, b) => a - b);
    const data: FeatureData = {
      features,
      count: features.length / shape.examples,
      classes: split.labels.data.map((label) => classes.indexOf(label)),
      width: classes.length === 2 ? 1 : classes.length,
    };
    const fitted = await fitCrossValidated(data, this.options, makePause(options, 'logistic'), warn);
    return { ...fitted, classes: Float64Array.from(classes) };
  }

  protected decide(
    { classes, weights }: LogisticSolution,
    split: KernelSplit,
    shape: TrainShape,
  ): Float64Array {
    const { examples, logits } = shape;
    const queries = split.kernel.shape[2]!;
    const width = classes.length === 2 ? 1 : classes.length;
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
  }

  protected readSolution(fields: Readonly<Record<string, unknown>>, shape: TrainShape): LogisticSolution {
    const classes = vectorField(fields, 'classes');
    const width = classes.length === 2 ? 1 : classes.length;
    return {
      penaltyC: numberField(fields, 'penaltyC'),
      classes,
      weights: vectorField(fields, 'weights', width * (shape.examples * shape.logits ** 2 + 1)),
    };
  }

  static fromJSON(json: unknown): LogisticSolver {
    return new LogisticSolver(objectField(savedSolver(json, 'logistic'), 'options')).restore(json);
  }
}
