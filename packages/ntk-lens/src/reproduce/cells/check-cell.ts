import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
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
import { checkedFormulas, checkedWork } from './check-work.js';
import { unlessDiverged } from './diverged.js';
import { kernelCell } from './kernel-cell.js';
import { type CellOptions, numbersOf, type ProtocolCell, sampleFolder, sampleRuns } from './protocol-cell.js';
import { trainingCell } from './training-cell.js';

/** The findings of a check, and the measurements from which figures are drawn. */
export interface CheckResult {
  readonly findings: readonly Finding[];
  readonly optimizers: readonly Omit<OptimizerMeasurement, 'margins'>[];
  /** Mean |χ| on the test examples of each seed, by the way the model is asked. */
  readonly chi: readonly Readonly<Record<string, number>>[];
  /** Optimizers that are left out, each with the reason. */
  readonly diverged?: string;
}

const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

/**
 * The check of all seeds of one task and one number of shots. Its kernels and trainings are those of kernel and training cells,
 * where `ntk-lens check` on the task's directory would leave them.
 */
export const checkCell = (
  samples: RunConfig,
  check: CheckSettings,
  optimizers: readonly CheckedOptimizer[],
): ProtocolCell<CheckResult> => {
  const settings = { ...check, optimizers: [...optimizers] };
  const work = checkWork({ check: settings });
  const labels = findTask(samples.task).labels.length;
  return {
    key: `${samples.task}/${checkFolder(samples)}`,
    folder: samples.task,
    what: `check of ${optimizers.map((name) => optimizerNamed(name).title).join(' and ')}`,
    ...{ run: samples, order: 1 },
    covers: sampleRuns(samples).flatMap((sample) =>
      optimizers.flatMap((name) => [
        trainingCell(sample, check, name).key,
        ...checkedFormulas(name, labels).map((formula) => kernelCell(sample, formula).key),
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
      const whole = await unlessDiverged(() => checkOf(samples, settings, options));
      if (!('diverged' in whole)) return whole;
      // The measurements on those that do not diverge are kept, and read by the check of them alone.
      const [left, reasons]: [CheckedOptimizer[], string[]] = [[], []];
      for (const name of optimizers) {
        const alone = { ...settings, optimizers: [name] };
        const one = await unlessDiverged(() => checkOf(samples, alone, options));
        if ('diverged' in one) reasons.push(`${optimizerNamed(name).title} ${one.diverged}`);
        else left.push(name);
      }
      const diverged = reasons.join('; ');
      if (left.length === 0) return { findings: [], optimizers: [], chi: [], diverged };
      return { ...(await checkOf(samples, { ...settings, optimizers: left }, options)), diverged };
    },
    forecast: (lens, task) => checkedWork(lens, task, samples, settings),
  };
};

/** Folder of the findings of a check in that of its task. */
export const checkFolder = ({ shots, seeds }: Pick<RunConfig, 'shots' | 'seeds'>): string =>
  `check-${shots[0]}-${seeds.join('+')}`;

/** A check as `ntk-lens check` leaves it, with its findings in a folder of their own. */
const checkOf = async (
  run: RunConfig,
  check: CheckSettings,
  options: CellOptions,
): Promise<Omit<CheckResult, 'diverged'>> => {
  const found = await checkExperiment({ run, check }, { ...options, place: checkFolder(run) });
  await writeCheck(found);
  return {
    findings: found.findings,
    optimizers: found.optimizers.map(({ margins: _, ...measured }) => measured),
    chi: found.natural.map(({ test }) =>
      Object.fromEntries(Object.entries(test).map(([name, sizes]) => [name, mean(sizes)])),
    ),
  };
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
