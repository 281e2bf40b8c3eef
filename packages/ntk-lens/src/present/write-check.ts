import { join } from 'node:path';
import type { CheckedExperiment } from '../run/check/check-experiment.js';
import { writeAtomic } from '../run/store/write-atomic.js';
import { checkFigures } from './check-figures.js';
import { checkTable } from './check-table.js';
import { renderTable } from './render-table.js';

/** Writes what a reader of a check looks at beside `findings.json`: figures and `table.md`. */
export const writeCheck = async (experiment: CheckedExperiment): Promise<void> => {
  for (const [name, figure] of Object.entries(checkFigures(experiment)))
    await writeAtomic(join(experiment.directory, name), figure);
  await writeAtomic(join(experiment.directory, 'table.md'), renderTable(checkTable(experiment), 'md'));
};
