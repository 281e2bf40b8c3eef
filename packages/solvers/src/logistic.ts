import type { KernelSplit } from '@ntk-lens/core';
import type { KernelAnalysis } from './analysis.js';
import type { Problem, SolverOptions } from './base-solver.js';
import {
  type FeatureData,
  type FeatureWeights,
  fitByLbfgs,
  fitByNewton,
  linearOutput,
} from './feature-logistic.js';
import { stratifiedFolds } from './folds.js';
import { numberField, objectField, savedSolver, vectorField } from './json.js';
import { LabelSolver } from './label-solver.js';
import { makePause, type Pause } from './linalg/pause.js';
import { checkNumber } from './options.js';
import type { TrainShape } from './split.js';

export interface LogisticOptions extends SolverOptions {
  /** As in {@link LstsqOptions.ridge}; added to the train block before its rows become features. Default 0. */
  readonly ridge?: number;
  /** Cross-validation folds. Default 5. */
  readonly folds?: number;
  /** Inverse strengths of the L2 penalty to choose from, ascending. Default 10 from 1e-4 to 1e4, evenly in logarithm. */
  readonly penaltyGrid?: readonly number[];
  /**
   * `lbfgs` stops where the reference stops (gradient below 1e-4, which leaves about 1e-3 in the log-odds);
   * `newton` goes on to the minimum. *When to choose:* `newton` for numbers of your own. Default `lbfgs`.
   */
  readonly optimizer?: 'lbfgs' | 'newton';
}

/** The grid of scikit-learn's `LogisticRegressionCV`. */
export const logisticPenaltyGrid: readonly number[] = Array.from(
  { length: 10 },
  (_, k) => 10 ** (-4 + (8 * k) / 9),
);

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

const subset = (data: FeatureData, members: readonly number[]): FeatureData => {
  const features = new Float64Array(members.length * data.count);
  for (const [i, m] of members.entries()) {
    features.set(data.features.subarray(m * data.count, (m + 1) * data.count), i * data.count);
  }
  return { ...data, features, classes: Int32Array.from(members, (m) => data.classes[m]!) };
};

const accuracy = (data: FeatureData, weights: FeatureWeights): number => {
  const correct = data.classes.filter((label, i) => {
    if (data.width === 1) return (linearOutput(data, i, weights, 0) > 0 ? 1 : 0) === label;
    const outputs = Array.from({ length: data.width }, (_, c) => linearOutput(data, i, weights, c));
    return outputs.indexOf(Math.max(...outputs)) === label;
  });
  return correct.length / data.classes.length;
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
    checkNumber('folds', options.folds ?? 5, 2);
    for (const c of options.penaltyGrid ?? []) checkNumber('penaltyGrid', c, 0, { strict: true });
    checkNumber('penaltyGrid length', (options.penaltyGrid ?? logisticPenaltyGrid).length, 1);
    this.refuseF0();
  }

  /** The inverse penalty strength that cross-validation chose. */
  get penaltyC(): number {
    return this.requireFitted().solution.penaltyC;
  }

  protected async solve(problem: Problem): Promise<LogisticSolution> {
    const { split, shape, analysis, options } = problem;
    const features = trainFeatures(analysis, shape, (this.options.ridge ?? 0) * analysis.operatorNorm);
    const classes = Array.from(new Set(split.labels.data)).sort((a, b) => a - b);
    const data: FeatureData = {
      features,
      count: features.length / shape.examples,
      classes: split.labels.data.map((label) => classes.indexOf(label)),
      width: classes.length === 2 ? 1 : classes.length,
    };
    const pause = makePause(options, 'logistic');
    const { penaltyC, start } = await this.choosePenalty(data, this.foldCount(data.classes, problem), pause);
    return {
      penaltyC,
      classes: Float64Array.from(classes),
      weights: await this.fitWeights(data, penaltyC, start, pause),
    };
  }

  private fitWeights(
    data: FeatureData,
    penaltyC: number,
    start: FeatureWeights,
    pause: Pause,
  ): Promise<FeatureWeights> | FeatureWeights {
    return this.options.optimizer === 'newton'
      ? fitByNewton(data, penaltyC, pause)
      : fitByLbfgs(data, penaltyC, start);
  }

  /** 0 when a class has one example, which no fold could both train on and hold out. */
  private foldCount(classes: Int32Array, { warn }: Problem): number {
    const asked = this.options.folds ?? 5;
    const counts = Array.from(new Set(classes), (label) => classes.filter((other) => other === label).length);
    const smallest = Math.min(...counts);
    const folds = smallest < 2 ? 0 : Math.min(asked, Math.max(...counts));
    if (smallest < asked) {
      const instead = folds === 0 ? 'there is no cross-validation and C = 1' : `${folds} folds are used`;
      warn({
        code: 'FEWER_EXAMPLES_THAN_FOLDS',
        message: `The smallest class has ${smallest} training example(s) for ${asked} folds; ${instead}.`,
      });
    }
    return folds;
  }

  /** The best mean accuracy over folds; the strongest penalty wins a tie. Starts the refit at the mean of the folds. */
  private async choosePenalty(
    data: FeatureData,
    folds: number,
    pause: Pause,
  ): Promise<{ penaltyC: number; start: FeatureWeights }> {
    const grid = this.options.penaltyGrid ?? logisticPenaltyGrid;
    const zero = new Float64Array(data.width * (data.count + 1));
    if (folds === 0) return { penaltyC: 1, start: zero };
    const fold = stratifiedFolds(data.classes, folds);
    const all = Array.from(data.classes.keys());
    const scores = new Float64Array(grid.length);
    const means = grid.map(() => zero.slice());
    for (let k = 0; k < folds; k++) {
      const train = subset(
        data,
        all.filter((i) => fold[i] !== k),
      );
      const held = subset(
        data,
        all.filter((i) => fold[i] === k),
      );
      let weights: FeatureWeights = zero;
      for (const [g, c] of grid.entries()) {
        await pause(k * grid.length + g, folds * grid.length, 'fits');
        weights = await this.fitWeights(train, c, weights, pause);
        scores[g]! += accuracy(held, weights);
        for (let i = 0; i < zero.length; i++) means[g]![i]! += weights[i]! / folds;
      }
    }
    const best = scores.indexOf(Math.max(...scores));
    return { penaltyC: grid[best]!, start: means[best]! };
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
