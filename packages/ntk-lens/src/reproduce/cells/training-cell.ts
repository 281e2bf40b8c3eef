import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isFull, parseSpace } from '@ntk-lens/subspace';
import { optimizerNamed } from '@ntk-lens/subspace/optimizers';
import type { CheckSettings } from '../../options/check.js';
import type { ProtocolOptimizer } from '../../options/reproduce.js';
import type { RunConfig } from '../../options/run-config.js';
import type { FineTuneSettings } from '../../options/training.js';
import { trainingOf } from '../../run/check/check-settings.js';
import { folderOf } from '../../run/chosen-spaces.js';
import { fineTuneExperiment, fineTuneWork } from '../../run/finetune/fine-tune-experiment.js';
import type { TunedSample } from '../../run/finetune/tuned-sample.js';
import { type Diverged, unlessDiverged } from './diverged.js';
import type { KernelVariant } from './kernel-cell.js';
import { numbersOf, type ProtocolCell, sampleFolder } from './protocol-cell.js';
import { trainingWork } from './training-work.js';

/** A tuned model, without its paths, or why there is none. */
export type TrainingResult =
  | (Omit<TunedSample, 'directory' | 'written'> & { readonly diverged?: undefined })
  | (Diverged & { readonly tuned?: undefined; readonly dimension?: undefined });

/** The training of an optimizer, with the settings of a check; SignGD takes the rates of Adam, whose steps have the same size. */
export const settingsOf = (check: CheckSettings, optimizer: ProtocolOptimizer): FineTuneSettings => ({
  ...trainingOf(check, optimizer === 'signgd' ? 'adam' : optimizer),
  optimizer,
  trajectory: undefined,
});

/** A training other than that of all parameters with the task's own prompt. */
export interface TrainingVariant extends KernelVariant {
  /** A classifier without a prompt, from this initialization. */
  readonly standard?: FineTuneSettings['standard'];
}

/** The fine-tuning of one sample, as `ntk-lens finetune` leaves it. */
export const trainingCell = (
  sample: RunConfig,
  check: CheckSettings,
  optimizer: ProtocolOptimizer,
  { space = 'full', prompt, standard }: TrainingVariant = {},
): ProtocolCell<TrainingResult> => {
  const training = { ...settingsOf(check, optimizer), space, standard };
  const parsed = parseSpace(space);
  const variant = [...(isFull(parsed) ? [] : [folderOf(parsed)]), ...(prompt ? [prompt] : [])];
  const folder = `${sampleFolder(sample)}/${['finetune', optimizer, ...variant].join('-')}`;
  const { title } = optimizerNamed(optimizer);
  return {
    ...{ key: folder, folder, run: sample, order: 3 },
    what: [`${title} fine-tuning`, ...(isFull(parsed) ? [] : [space]), ...(prompt ? [prompt] : [])].join(
      ', ',
    ),
    identity: { kind: 'training', run: numbersOf(sample), training },
    refuse: (lens, options) => fineTuneWork({ training }).refuse(lens, sample, options),
    compute: (options) =>
      unlessDiverged(async () => {
        const trajectory = await keptTrajectory(options.out);
        const config = { run: sample, training: { ...training, trajectory } };
        const { samples } = await fineTuneExperiment(config, options);
        const { directory: _, written: __, ...found } = samples[0]!;
        return { ...found, grid: found.grid.map((point) => ({ ...point, history: [], seconds: 0 })) };
      }),
    forecast: (lens, task) => trainingWork(lens, task, training),
  };
};

/** The steps whose parameters a check keeps in the directory of its training: they stay. */
const keptTrajectory = async (directory: string): Promise<number[] | undefined> => {
  try {
    return JSON.parse(await readFile(join(directory, 'config.json'), 'utf8')).training?.trajectory;
  } catch {
    return undefined;
  }
};
