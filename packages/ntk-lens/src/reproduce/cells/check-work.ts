import { type FormulaName, formulaOf, isSymmetric } from '@ntk-lens/kernels/formulas';
import type { LensTask } from '@ntk-lens/lens';
import type { CheckedOptimizer } from '@ntk-lens/lens/defaults';
import { optimizerNamed } from '@ntk-lens/subspace/optimizers';
import type { CheckSettings } from '../../options/check.js';
import type { RunConfig } from '../../options/run-config.js';
import { kernelOf } from '../../run/check/check-experiment.js';
import { trainingOf } from '../../run/check/check-settings.js';
import {
  type CellWork,
  type Forecaster,
  passesOf,
  unlessUnplanned,
  workTimes,
  workTogether,
} from './cell-work.js';
import { PASSES, trainingWork } from './training-work.js';

/** Kernels that a check holds against an optimizer. */
export const checkedFormulas = (name: CheckedOptimizer, labels: number): readonly FormulaName[] => {
  const { main, ofTwoLabels } = optimizerNamed(name).kernels;
  return labels === 2 ? [main, ...ofTwoLabels] : [main];
};

/** The work of a check on one sample; undefined in a random subspace, whose kernels are not counted. */
export const checkedWork = (
  lens: Forecaster,
  task: LensTask,
  run: RunConfig,
  check: CheckSettings,
): Promise<CellWork | undefined> =>
  unlessUnplanned(async () => {
    const pieces: CellWork[] = [];
    const counted = new Set<FormulaName>();
    for (const name of check.optimizers) {
      for (const formula of checkedFormulas(name, task.spec.labels.length)) {
        if (counted.has(formula)) continue;
        counted.add(formula);
        const binary = !isSymmetric(formulaOf(formula)) || run.binary;
        pieces.push(await lens.kernelWork(task, { ...kernelOf(run), binary, formula, space: check.space }));
      }
      pieces.push(await trainingWork(lens, task, trainingOf(check, name)));
      pieces.push(await measuringWork(lens, task, check, name));
    }
    return workTogether(pieces);
  });

/**
 * The work of the measurements along a training. It has the kernel of the training examples at θ₀, at the points that are looked
 * at and at the end, and derivatives on the test examples. An optimizer that starts as another one also has its first steps.
 */
const measuringWork = async (
  lens: Forecaster,
  task: LensTask,
  { trajectory, probes, earlySteps, batchSizes }: CheckSettings,
  name: CheckedOptimizer,
): Promise<CellWork> => {
  const { train, test } = task.examples;
  const { kernels, startsAs } = optimizerNamed(name);
  const alone = { ...task, examples: { train, dev: [], test: [] } };
  const kernel = await lens.kernelWork(alone, { formula: kernels.main });
  // The first of two consecutive steps gives no kernel.
  const points = trajectory.filter((step, i) => trajectory[i + 1] !== step + 1).length;
  const probed = Math.min(probes, test.length);
  const passes = test.length + trajectory.length * probed;
  // Two optimizers start together, and outputs are taken at both ends.
  const early = startsAs ? 2 * PASSES * earlySteps * batchSizes[0]! + 3 * probed : 0;
  return workTogether([
    { ...workTimes(kernel, points + 2), bytes: 0 },
    passesOf(await lens.kernelWork(task, { formula: 'sgd' }), PASSES * passes + early),
  ]);
};
