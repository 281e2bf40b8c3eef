import type { OptionTable } from '../definition/options.js';
import type { SolverWarning } from '../definition/solver-definition.js';
import type { Pause } from '../linalg/pause.js';
import {
  type FeatureData,
  type FeatureWeights,
  fitByLbfgs,
  fitByNewton,
  linearOutput,
} from './feature-logistic.js';
import { stratifiedFolds } from './folds.js';

export interface CrossValidationOptions {
  /** Cross-validation folds. Default 5. */
  readonly folds?: number;
  /** Inverse strengths of the L2 penalty to choose from, ascending. Default 10 from 1e-4 to 1e4, evenly in logarithm. */
  readonly penaltyGrid?: readonly number[];
  /**
   * `lbfgs` stops where the reference stops (gradient below 1e-4, which leaves about 1e-3 in the log-odds);
   * `newton` goes on to the minimum. *When to choose:* choose `newton` for numbers of your own. Default
   * `lbfgs`.
   */
  readonly optimizer?: 'lbfgs' | 'newton';
}

/** The grid of scikit-learn's `LogisticRegressionCV`. */
export const logisticPenaltyGrid: readonly number[] = Array.from(
  { length: 10 },
  (_, k) => 10 ** (-4 + (8 * k) / 9),
);

/** Defaults and ranges. */
export const crossValidationOptions: OptionTable<CrossValidationOptions> = {
  folds: { default: 5, from: 2 },
  penaltyGrid: { default: logisticPenaltyGrid, above: 0 },
  optimizer: { default: 'lbfgs', oneOf: ['lbfgs', 'newton'] },
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

/** 0 when a class has one example, which no fold could both train on and hold out. */
const foldCount = (classes: Int32Array, asked: number, warn: (warning: SolverWarning) => void): number => {
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
};

/**
 * L2-penalized logistic regression whose penalty stratified cross-validation chooses: the best mean accuracy over
 * folds, the strongest penalty on a tie. Fits along the grid start from the one before; the last from the folds' mean.
 */
export const fitCrossValidated = async (
  data: FeatureData,
  { folds: askedFolds, penaltyGrid: grid, optimizer }: Required<CrossValidationOptions>,
  pause: Pause,
  warn: (warning: SolverWarning) => void,
): Promise<{ readonly penaltyC: number; readonly weights: FeatureWeights }> => {
  const fit = async (rows: FeatureData, penaltyC: number, start: FeatureWeights): Promise<FeatureWeights> =>
    optimizer === 'newton' ? fitByNewton(rows, penaltyC, pause) : fitByLbfgs(rows, penaltyC, start);
  const zero = new Float64Array(data.width * (data.count + 1));
  const folds = foldCount(data.classes, askedFolds, warn);
  if (folds === 0) return { penaltyC: 1, weights: await fit(data, 1, zero) };
  const fold = stratifiedFolds(data.classes, folds);
  const all = Array.from(data.classes.keys());
  const scores = new Float64Array(grid.length);
  const means = grid.map(() => zero.slice());
  for (let k = 0; k < folds; k++) {
    const [train, held] = [false, true].map((isHeld) =>
      subset(
        data,
        all.filter((i) => (fold[i] === k) === isHeld),
      ),
    ) as [FeatureData, FeatureData];
    let weights: FeatureWeights = zero;
    for (const [g, c] of grid.entries()) {
      await pause(k * grid.length + g, folds * grid.length, 'fits');
      weights = await fit(train, c, weights);
      scores[g]! += accuracy(held, weights);
      for (let i = 0; i < zero.length; i++) means[g]![i]! += weights[i]! / folds;
    }
  }
  const best = scores.indexOf(Math.max(...scores));
  return { penaltyC: grid[best]!, weights: await fit(data, grid[best]!, means[best]!) };
};
