import { join } from 'node:path';
import { writeWhole } from '@ntk-lens/core';
import type { CheckedExperiment } from '../run/check/check-experiment.js';
import { checkFigures } from './check-figures.js';
import { checkTable } from './check-table.js';
import { renderTable } from './render-table.js';

/** Writes what a reader of a check looks at beside `findings.json`: figures and `table.md`. */
export const writeCheck = async (experiment: CheckedExperiment): Promise<void> => {
  for (const [name, figure] of Object.entries(checkFigures(experiment)))
    await writeWhole(join(experiment.directory, name), figure);
  await writeWhole(join(experiment.directory, 'table.md'), renderTable(checkTable(experiment), 'md'));
};
