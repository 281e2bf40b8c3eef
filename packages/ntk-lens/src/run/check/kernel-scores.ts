import { join } from 'node:path';
import { type FormulaName, formulaOf } from '@ntk-lens/kernels/formulas';
import { optimizerNamed } from '@ntk-lens/subspace/optimizers';
import type { RunConfig } from '../../options/run-config.js';
import { needsOneOutput } from '../formula-traits.js';
import { type ExperimentOptions, runExperiment } from '../run-experiment.js';
import type { CheckedOptimizer } from './checked-optimizers.js';
import type { KernelScore } from './measurements.js';

/** Kernels that are held against fine-tuning with an optimizer. */
export const kernelsOf = (optimizer: CheckedOptimizer, labels: number): readonly FormulaName[] => {
  const { main, ofTwoLabels } = optimizerNamed(optimizer).kernels;
  return labels === 2 ? [main, ...ofTwoLabels] : [main];
};

/** Computes and solves one kernel of one sample in a run directory of its own; finished ones are read. */
export const kernelScore = async (
  run: RunConfig,
  space: string,
  formula: FormulaName,
  directory: string,
  options: Omit<ExperimentOptions, 'out'>,
): Promise<KernelScore> => {
  const config: RunConfig = {
    ...run,
    formulas: [formula],
    ...(space !== 'full' && { spaces: [space] }),
    ...(needsOneOutput(formulaOf(formula)) && { binary: true, solver: 'asym' }),
  };
  const { cells, task } = await runExperiment(config, {
    ...options,
    out: join(directory, `kernel-${formula}`),
  });
  const { solver, test } = cells[0]!.scores!.kernel;
  return { formula, solver, test: test[task.metrics[0]] ?? Number.NaN };
};
