import { join } from 'node:path';
import type { Experiment } from '../run/experiment.js';
import { writeAtomic, writeJson } from '../run/store/write-atomic.js';
import { accuracyFigure } from './figures.js';
import { renderTable } from './render-table.js';
import { experimentTable } from './results-table.js';

/** Writes what a reader of a run directory looks at: `accuracy.svg` and `table.{md,csv,tex}` if solved, `metrics.json`. */
export const writeOutcome = async (experiment: Experiment): Promise<void> => {
  const { directory } = experiment;
  const figure = accuracyFigure(experiment);
  if (figure !== undefined) {
    await writeAtomic(join(directory, 'accuracy.svg'), figure);
    const table = experimentTable(experiment);
    await writeAtomic(join(directory, 'table.md'), renderTable(table, 'md'));
    await writeAtomic(join(directory, 'table.csv'), renderTable(table, 'csv'));
    await writeAtomic(join(directory, 'table.tex'), renderTable(table, 'latex'));
  }
  await writeJson(join(directory, 'metrics.json'), experiment);
};
