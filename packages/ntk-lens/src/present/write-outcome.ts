import { join } from 'node:path';
import { writeWhole } from '@ntk-lens/core/node';
import type { Table } from '@ntk-lens/report';
import type { Experiment } from '../run/experiment.js';
import { writeJson } from '../run/store/write-json.js';
import { accuracyFigure } from './figures.js';
import { renderTable } from './render-table.js';
import { experimentTable } from './results-table.js';
import { spacesFigure } from './spaces-figure.js';
import { spacesTable } from './spaces-table.js';

const writeTable = async (path: string, table: Table): Promise<void> => {
  await writeWhole(`${path}.md`, renderTable(table, 'md'));
  await writeWhole(`${path}.csv`, renderTable(table, 'csv'));
  await writeWhole(`${path}.tex`, renderTable(table, 'latex'));
};

/**
 * Writes what a reader of a run directory looks at: `accuracy.svg` and `table.{md,csv,tex}` if solved, `spaces.svg` and
 * `spaces.{md,csv,tex}` if kernels of spaces were compared with that of all parameters, `metrics.json`.
 */
export const writeOutcome = async (experiment: Experiment): Promise<void> => {
  const { directory } = experiment;
  const figure = accuracyFigure(experiment);
  if (figure !== undefined) {
    await writeWhole(join(directory, 'accuracy.svg'), figure);
    await writeTable(join(directory, 'table'), experimentTable(experiment));
  }
  const spaces = spacesTable(experiment);
  if (spaces !== undefined) await writeTable(join(directory, 'spaces'), spaces);
  const distances = spacesFigure(experiment);
  if (distances !== undefined) await writeWhole(join(directory, 'spaces.svg'), distances);
  await writeJson(join(directory, 'metrics.json'), experiment);
};
