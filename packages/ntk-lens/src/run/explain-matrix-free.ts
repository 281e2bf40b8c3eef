import type { MachineProfile, MachineRates } from '@ntk-lens/engine';
import type { FormulaName, OperatorPlan } from '@ntk-lens/kernels';
import type { ExplainedOperators, RuntimeRecord } from '@ntk-lens/lens';
import { parameterCount } from '@ntk-lens/models';
import { isFull } from '@ntk-lens/subspace';
import type { RunConfig } from '../options/run-config.js';
import { checkExperiment, openCells, withExperiment } from './prepare-experiment.js';
import type { TaskWork } from './several/over-tasks.js';
import type { SessionOptions } from './with-lens.js';

/** The plan of products with the kernel of one sample, formula and space. */
export interface ExplainedProducts {
  readonly shots: number;
  readonly seed: number;
  readonly formula: FormulaName;
  /** Its name in the configuration. Default: all parameters. */
  readonly space?: string;
  readonly plan: OperatorPlan;
  /** Forecast of a product with one vector. */
  readonly predictedSeconds: number;
  /** Forecast for each of several vectors that are multiplied together. */
  readonly predictedSecondsTogether: number;
}

/** The plan of `ntk-lens run --matrix-free`. */
export interface ExplainedMatrixFree {
  readonly format: 'ntk-lens-operator-plan';
  readonly version: 1;
  readonly task: string;
  readonly model: string;
  readonly parameters: number;
  readonly runtime: RuntimeRecord;
  readonly profile: MachineProfile;
  readonly rates: MachineRates;
  readonly cells: readonly ExplainedProducts[];
}

/** The work of `explainMatrixFree` on each of several tasks. */
export const explainMatrixFreeWork: TaskWork<ExplainedMatrixFree> = {
  check: checkExperiment,
  refuse: async (lens, config, options) => (await openCells(lens, config, options, async () => {})).close(),
  compute: (config, options) => explainMatrixFree(config, options),
};

/** Plans products with the kernels of an experiment, and computes none (`lens.explainMatrixFree`). */
const explainMatrixFree = (config: RunConfig, options: SessionOptions): Promise<ExplainedMatrixFree> =>
  withExperiment(
    config,
    options,
    async () => {},
    async (lens, cells) => {
      const { signal, onProgress } = options;
      const explained: ExplainedOperators[] = [];
      for (const { task, choice } of cells)
        explained.push(await lens.explainMatrixFree(task, { ...choice, signal, onProgress }));
      const { runtime, profile, rates } = explained[0]!;
      return {
        format: 'ntk-lens-operator-plan',
        version: 1,
        task: cells[0]!.task.spec.name,
        model: lens.name,
        parameters: parameterCount(lens.model),
        ...{ runtime, profile, rates },
        cells: cells.map(({ task: { shots, seed }, formula, space }, i) => ({
          ...{ shots, seed, formula: formula.name, space: isFull(space.space) ? undefined : space.name },
          plan: explained[i]!.plan,
          predictedSeconds: explained[i]!.seconds,
          predictedSecondsTogether: explained[i]!.secondsTogether,
        })),
      };
    },
  );
