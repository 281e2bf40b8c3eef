import { join } from 'node:path';
import { renderMarkdownTable } from '@ntk-lens/report';
import type { Experiment } from '../run/experiment.js';
import { writeAtomic, writeJson } from '../run/store/write-atomic.js';
import { accuracyFigure } from './figures.js';
import { experimentTable } from './results-table.js';

/** Writes what a reader of a run directory looks at: `accuracy.svg` and `table.md` if solved, `metrics.json`. */
export const writeOutcome = async (experiment: Experiment): Promise<void> => {
  const { directory } = experiment;
  const figure = accuracyFigure(experiment);
  if (figure !== undefined) {
    await writeAtomic(join(directory, 'accuracy.svg'), figure);
    await writeAtomic(join(directory, 'table.md'), renderMarkdownTable(experimentTable(experiment)));
  }
  await writeJson(join(directory, 'metrics.json'), experiment);
};
