import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from '@ntk-lens/core';
import { loadKernel, openLargeKernel, rethrowDiskFull } from '@ntk-lens/lens/stored';
import type { Table } from '@ntk-lens/report';
import type { Experiment } from '../run/experiment.js';
import { accuracyFigure, cellNames, kernelFigure } from './figures.js';
import { largeKernelFigure } from './large-figures.js';
import { renderTable } from './render-table.js';
import { experimentTable } from './results-table.js';
import { spacesFigure } from './spaces-figure.js';
import { spacesTable } from './spaces-table.js';

const writeTable = async (path: string, table: Table): Promise<void> => {
  await writeWhole(`${path}.md`, renderTable(table, 'md'));
  await writeWhole(`${path}.csv`, renderTable(table, 'csv'));
  await writeWhole(`${path}.tex`, renderTable(table, 'latex'));
};

/** Options of {@link writeOutcome}. */
export interface WriteOutcomeOptions {
  /** Draw the kernels that were finished before again, from their bytes, which are verified. Default: false. */
  readonly verify?: boolean;
}

const writeAll = async (experiment: Experiment, verify: boolean): Promise<void> => {
  const { directory, cells, task } = experiment;
  for (const cell of experiment.config.matrixFree ? [] : cells) {
    const figure = join(cell.directory, 'kernel.svg');
    // The figure of a kernel that was finished before is not drawn again: its bytes need not be read.
    if (cell.reused && !verify && existsSync(figure)) continue;
    const large = await openLargeKernel(cell.directory, experiment.config.memory);
    const svg = large
      ? await largeKernelFigure(large, cellNames(cell, task.labels))
      : kernelFigure((await loadKernel(cell.directory)).splits, cell, task.labels);
    await writeWhole(figure, svg);
  }
  const figure = accuracyFigure(experiment);
  if (figure !== undefined) {
    await writeWhole(join(directory, 'accuracy.svg'), figure);
    await writeTable(join(directory, 'table'), experimentTable(experiment));
  }
  const spaces = spacesTable(experiment);
  if (spaces !== undefined) await writeTable(join(directory, 'spaces'), spaces);
  const distances = spacesFigure(experiment);
  if (distances !== undefined) await writeWhole(join(directory, 'spaces.svg'), distances);
};

/**
 * Writes the figures and tables of a run directory. `kernel.svg` of every kernel is read from its directory;
 * `accuracy.svg` and `table.{md,csv,tex}` are written if it was solved; `spaces.svg` and
 * `spaces.{md,csv,tex}` if kernels of spaces were compared with that of all parameters.
 *
 * @example
 * ```ts
 * const experiment = await runExperiment({ ...defaultRunConfig, task: 'topic' }, { out: 'runs/topic' });
 * await writeOutcome(experiment);
 * ```
 * @throws DiskFullError, and what reading the kernels causes
 */
export const writeOutcome = async (
  experiment: Experiment,
  { verify = false }: WriteOutcomeOptions = {},
): Promise<void> => {
  try {
    await writeAll(experiment, verify);
  } catch (error) {
    rethrowDiskFull(experiment.directory, error);
  }
};
