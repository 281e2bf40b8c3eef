import type { OperatorPlan } from '@ntk-lens/kernels';
import type { RunConfig } from '../options/run-config.js';
import { explainCells, type PlannedCells, type PlannedFor } from './explain-cells.js';
import { checkExperiment, openCells } from './prepare-experiment.js';
import type { TaskWork } from './several/over-tasks.js';
import type { SessionOptions } from './with-lens.js';

interface PlannedProducts {
  readonly plan: OperatorPlan;
  /** Forecast of a product with one vector. */
  readonly predictedSeconds: number;
  /** Forecast for each of several vectors that are multiplied together. */
  readonly predictedSecondsTogether: number;
}

/** The plan of products with the kernel of one sample, formula and space. */
export interface ExplainedProducts extends PlannedFor, PlannedProducts {}

/** The plan of `ntk-lens run --matrix-free`. */
export interface ExplainedMatrixFree extends PlannedCells<PlannedProducts> {
  readonly format: 'ntk-lens-operator-plan';
  readonly version: 1;
}

/** The work of `explainMatrixFree` on each of several tasks. */
export const explainMatrixFreeWork: TaskWork<ExplainedMatrixFree> = {
  check: checkExperiment,
  refuse: async (lens, config, options) => (await openCells(lens, config, options, async () => {})).close(),
  compute: (config, options) => explainMatrixFree(config, options),
};

/** Plans products with the kernels of an experiment, and computes none (`lens.explainMatrixFree`). */
const explainMatrixFree = async (
  config: RunConfig,
  options: SessionOptions,
): Promise<ExplainedMatrixFree> => {
  const planned = await explainCells(
    config,
    options,
    (lens, task, choice) => lens.explainMatrixFree(task, choice),
    ({ plan, seconds, secondsTogether }): PlannedProducts => ({
      ...{ plan, predictedSeconds: seconds, predictedSecondsTogether: secondsTogether },
    }),
  );
  return { format: 'ntk-lens-operator-plan', version: 1, ...planned };
};
