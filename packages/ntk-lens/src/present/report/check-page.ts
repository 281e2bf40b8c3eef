import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadKernel } from '@ntk-lens/lens/stored';
import type { Page, Section } from '@ntk-lens/report/page';
import { optimizerNamed } from '@ntk-lens/subspace/optimizers';
import type { CheckedExperiment } from '../../run/check/check-experiment.js';
import { readExamples } from '../../run/examples-file.js';
import type { FineTuneExperiment } from '../../run/finetune/fine-tune-experiment.js';
import { programAndVersion } from '../../version.js';
import { checkFigures } from '../check-figures.js';
import { checkTable } from '../check-table.js';
import { namedKernel } from '../figures.js';
import { kernelSections } from './kernel-parts.js';
import { MOST_KERNELS, mostOf } from './kernel-size.js';
import { numbersPart } from './numbers-part.js';
import { provenanceSection } from './provenance.js';
import { gridPart, type NamedTraining, trajectoryParts } from './trajectories.js';
import { verdictRows } from './verdict-rows.js';

/** Folders of the samples of a check, with what they are. */
const samplesOf = ({ config: { run } }: CheckedExperiment) =>
  run.shots.flatMap((shots) =>
    run.seeds.map((seed) => ({
      shots,
      seed,
      folder: `${shots}-${seed}`,
      name: `${shots}-shot, seed ${seed}`,
    })),
  );

/** The trainings that a check kept. */
const trainingsOf = async (
  experiment: CheckedExperiment,
  directory: string,
): Promise<readonly NamedTraining[]> => {
  const found: NamedTraining[] = [];
  const samples = samplesOf(experiment);
  for (const optimizer of experiment.config.check.optimizers)
    for (const { folder, name } of samples) {
      const file = join(directory, folder, `finetune-${optimizer}`, 'metrics.json');
      if (!existsSync(file)) continue;
      const { samples: own } = JSON.parse(await readFile(file, 'utf8')) as FineTuneExperiment;
      const title = optimizerNamed(optimizer).title;
      if (own[0]) found.push({ name: samples.length > 1 ? `${title}, ${name}` : title, sample: own[0] });
    }
  return found;
};

/** The kernels that a check kept: those of the first sample stand open, the others folded. */
const kernelsOf = async (
  experiment: CheckedExperiment,
  directory: string,
  among: number,
): Promise<readonly Section[]> => {
  const formulas = new Set(
    experiment.optimizers.flatMap(({ kernels }) => kernels.map(({ formula }) => formula)),
  );
  const found = samplesOf(experiment)
    .flatMap((sample) =>
      [...formulas]
        .map((formula) => ({ ...sample, formula, path: join(directory, sample.folder, `kernel-${formula}`) }))
        .filter(({ path }) => existsSync(path)),
    )
    .slice(0, Math.ceil(MOST_KERNELS / among));
  const sections: Section[] = [];
  for (const [i, { path, ...cell }] of found.entries()) {
    const { splits } = await loadKernel(path);
    const kernel = {
      ...namedKernel(cell, splits, experiment.task.labels),
      examples: await readExamples(path),
    };
    sections.push({
      ...{ title: `${kernel.name}, ${kernel.sample}`, parts: [], folded: i > 0 },
      sections: await kernelSections(kernel, mostOf(among * found.length)),
    });
  }
  return sections;
};

/** SHA-256 of what a check found; it holds no times. */
export const checkHash = ({ config, findings, optimizers, natural, remarks }: CheckedExperiment): string =>
  createHash('sha256')
    .update(JSON.stringify([programAndVersion, config, findings, optimizers, natural, remarks]))
    .digest('hex');

/**
 * The page of `check`: verdicts with their definitions, figures, trajectories, kernels and provenance.
 *
 * @param directory that holds the check now
 * @param among checks that share a page
 * @throws what reading kernels throws
 */
export const checkPage = async (
  experiment: CheckedExperiment,
  directory: string,
  among = 1,
): Promise<Page> => {
  const { task, model, config, findings, optimizers, environment, remarks } = experiment;
  const { run, check } = config;
  const [metric] = task.metrics;
  const samples = join(directory, experiment.samples ?? '');
  const trainings = await trainingsOf(experiment, samples);
  const kernels = await kernelsOf(experiment, samples, among);
  const figures = Object.values(checkFigures(experiment));
  const count = (verdict: string): number => findings.filter((one) => one.verdict === verdict).length;
  const notes = checkTable(experiment).notes ?? [];
  return {
    title: `Does fine-tuning on ${task.name} behave like a kernel method?`,
    subtitle: `${model.name}, ${run.shots.join(' and ')}-shot, seed${run.seeds.length > 1 ? 's' : ''} ${run.seeds.join(', ')}, ${check.space}`,
    parts: [
      {
        kind: 'numbers',
        numbers: (['holds', 'fails', 'cannot tell'] as const).map((verdict) => ({
          ...{ name: verdict, value: String(count(verdict)), note: `${findings.length} findings in all` },
        })),
      },
      numbersPart(metric, [
        { name: 'zero-shot', values: optimizers.slice(0, run.seeds.length).map(({ end }) => end.zeroShot) },
        ...check.optimizers.flatMap((optimizer) => {
          const own = optimizers.filter((one) => one.optimizer === optimizer);
          const { title } = optimizerNamed(optimizer);
          return [
            { name: `linearized, ${title}`, values: own.map(({ end }) => end.linearized) },
            { name: `fine-tuned, ${title}`, values: own.map(({ end }) => end.tuned) },
          ];
        }),
      ]),
    ],
    sections: [
      {
        title: 'Verdicts',
        parts: [
          {
            kind: 'verdicts',
            verdicts: verdictRows(findings),
            notes: [
              ...notes
                .filter((note) => /^(mean \|χ\||intervals:)/.test(note))
                .map((note) => note.replace(/; [\d.]+ s$/, '')),
              ...remarks,
            ],
          },
        ],
      },
      { title: 'Figures', parts: figures.map((svg) => ({ kind: 'figure' as const, svg })) },
      ...(trainings.length === 0
        ? []
        : [
            {
              title: 'Trajectories',
              parts: [
                ...trajectoryParts(`${task.name}, ${model.name}`, metric, trainings),
                gridPart(metric, trainings),
              ],
            },
          ]),
      ...(kernels.length === 0 ? [] : [{ title: 'Kernels', parts: [], sections: kernels }]),
      await provenanceSection({
        command: 'ntk-lens check --config config.json',
        facts: {
          prompt: task.template,
          model: model.name,
          'SHA-256 of the model': model.hash,
          environment: Object.entries(environment)
            .map((pair) => pair.join(' '))
            .join(', '),
        },
        config: { ...check, ...run },
        directories: [],
      }),
    ],
    madeBy: programAndVersion,
    results: checkHash(experiment),
  };
};
