import { basename, dirname, join } from 'node:path';
import type { Page } from '@ntk-lens/report/page';
import { optimizerNamed } from '@ntk-lens/subspace/optimizers';
import type { FineTuneExperiment } from '../../run/finetune/fine-tune-experiment.js';
import { programAndVersion } from '../../version.js';
import { fineTuneTable } from '../fine-tune-table.js';
import { numbersPart } from './numbers-part.js';
import { provenanceSection } from './provenance.js';
import { gridPart, trajectoryParts } from './trajectories.js';

/**
 * The page of `finetune`: results, the path of the trainings that dev chose, all points of the grid, and provenance.
 *
 * @param directory that holds the trainings now
 */
export const fineTunePage = async (experiment: FineTuneExperiment, directory: string): Promise<Page> => {
  const { task, model, config, samples, space, environment } = experiment;
  const { run, training } = config;
  const [metric] = task.metrics;
  const table = fineTuneTable(experiment);
  const trainings = samples.map((sample) => ({
    name: run.shots.length > 1 ? `${sample.shots}-shot, seed ${sample.seed}` : `seed ${sample.seed}`,
    sample,
  }));
  const of = (values: readonly (number | undefined)[]): readonly number[] =>
    values.filter((value) => value !== undefined);
  return {
    title: `${task.name}, fine-tuned by ${optimizerNamed(training.optimizer).title}`,
    subtitle: `${model.name}, ${space}, ${run.shots.join(' and ')}-shot, seed${run.seeds.length > 1 ? 's' : ''} ${run.seeds.join(', ')}`,
    parts: [
      numbersPart(metric, [
        { name: 'zero-shot', values: of(samples.map(({ zeroShot }) => zeroShot?.test[metric])) },
        { name: 'fine-tuned', values: of(samples.map(({ tuned }) => tuned.test[metric])), strong: true },
      ]),
    ],
    sections: [
      { title: 'Results', parts: [{ kind: 'table', table: { ...table, title: undefined } }] },
      {
        title: 'Trajectories',
        parts: [
          ...trajectoryParts(`${task.name}, ${model.name}`, metric, trainings),
          gridPart(metric, trainings),
        ],
      },
      await provenanceSection({
        command: 'ntk-lens finetune --config config.json',
        facts: {
          model: model.name,
          'SHA-256 of the model': model.hash,
          space,
          environment: Object.entries(environment)
            .map((pair) => pair.join(' '))
            .join(', '),
          'tuned parameters': samples
            .map(({ written }) => join(basename(dirname(written)), basename(written)))
            .join(', '),
        },
        config: { ...training, ...run },
        directories: [['Manifest', directory]],
      }),
    ],
    madeBy: programAndVersion,
  };
};
