import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FormulaName } from '@ntk-lens/kernels/formulas';
import type { OptimizerMeasurement } from '@ntk-lens/lens';
import type { CheckedOptimizer } from '@ntk-lens/lens/defaults';
import { optimizerNamed } from '@ntk-lens/subspace/optimizers';
import { findTask } from '@ntk-lens/tasks';
import type { Finding } from '@ntk-lens/tensor-programs';
import type { CheckSettings } from '../../options/check.js';
import type { RunConfig } from '../../options/run-config.js';
import { writeCheck } from '../../present/write-check.js';
import { checkExperiment, checkWork } from '../../run/check/check-experiment.js';
import { trainingOf } from '../../run/check/check-settings.js';
import { kernelCell } from './kernel-cell.js';
import { numbersOf, type ProtocolCell, sampleFolder, sampleRuns } from './protocol-cell.js';
import { trainingCell, trainingSeconds } from './training-cell.js';

/** The findings of a check, and the measurements from which figures are drawn. */
export interface CheckResult {
  readonly findings: readonly Finding[];
  readonly optimizers: readonly Omit<OptimizerMeasurement, 'margins'>[];
  /** Mean |χ| on the test examples of each seed, by the way the model is asked. */
  readonly chi: readonly Readonly<Record<string, number>>[];
}

const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

/**
 * The check of all seeds of one task and one number of shots, as `ntk-lens check` leaves it. Its kernels and trainings are those
 * of kernel and training cells.
 */
export const checkCell = (
  samples: RunConfig,
  check: CheckSettings,
  optimizers: readonly CheckedOptimizer[],
): ProtocolCell<CheckResult> => {
  const settings = { ...check, optimizers: [...optimizers] };
  const work = checkWork({ check: settings });
  return {
    key: `${samples.task}/check-${samples.shots[0]}`,
    folder: samples.task,
    what: `check of ${optimizers.map((name) => optimizerNamed(name).title).join(' and ')}`,
    ...{ run: samples, order: 1 },
    covers: sampleRuns(samples).flatMap((sample) =>
      optimizers.flatMap((name) => [
        trainingCell(sample, check, name).key,
        ...formulasOf(name, samples.task).map((formula) => kernelCell(sample, formula).key),
      ]),
    ),
    identity: { kind: 'check', run: numbersOf(samples), check: settings },
    refuse: (lens, options) => work.refuse(lens, samples, options),
    compute: async (options) => {
      for (const sample of sampleRuns(samples))
        for (const name of optimizers)
          await forgetOther(
            join(options.out, sampleFolder(sample).split('/')[1]!, `finetune-${name}`),
            settings,
            name,
          );
      const found = await checkExperiment({ run: samples, check: settings }, options);
      await writeCheck(found);
      return {
        findings: found.findings,
        optimizers: found.optimizers.map(({ margins: _, ...measured }) => measured),
        chi: found.natural.map(({ test }) =>
          Object.fromEntries(Object.entries(test).map(([name, sizes]) => [name, mean(sizes)])),
        ),
      };
    },
    forecast: async (lens, task) => {
      let seconds = 0;
      const [sample] = sampleRuns(samples);
      for (const name of optimizers) {
        for (const formula of formulasOf(name, samples.task))
          seconds += (await kernelCell(sample!, formula).forecast(lens, task)) ?? 0;
        seconds += await trainingSeconds(lens, task, trainingOf(settings, name));
      }
      return seconds;
    },
  };
};

/** Kernels that a check holds against an optimizer. */
const formulasOf = (name: CheckedOptimizer, task: string): readonly FormulaName[] => {
  const { main, ofTwoLabels } = optimizerNamed(name).kernels;
  return findTask(task).labels.length === 2 ? [main, ...ofTwoLabels] : [main];
};

/** Removes a training that did not keep the points that a check looks at: it is trained again, to the same bytes. */
const forgetOther = async (
  directory: string,
  settings: CheckSettings,
  name: CheckedOptimizer,
): Promise<void> => {
  const config = await readFile(join(directory, 'config.json'), 'utf8').catch(() => undefined);
  if (config === undefined) return;
  const kept: readonly number[] = JSON.parse(config).training?.trajectory ?? [];
  const { trajectory = [] } = trainingOf(settings, name);
  if (!trajectory.every((step) => kept.includes(step)))
    await rm(join(directory, 'training'), { recursive: true, force: true });
};
