import { join } from 'node:path';
import { writeWhole } from '@ntk-lens/core';
import type { CheckedExperiment } from '../run/check/check-experiment.js';
import { checkFigures } from './check-figures.js';
import { checkTable } from './check-table.js';
import { renderTable } from './render-table.js';

/** Writes the figures and `table.md` of a check, next to `findings.json`. */
export const writeCheck = async (experiment: CheckedExperiment): Promise<void> => {
  for (const [name, figure] of Object.entries(checkFigures(experiment)))
    await writeWhole(join(experiment.directory, name), figure);
  await writeWhole(join(experiment.directory, 'table.md'), renderTable(checkTable(experiment), 'md'));
};
