import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rethrowDiskFull } from '@ntk-lens/lens/stored';
import type { Page } from '@ntk-lens/report/page';
import type { CheckedExperiment } from '../../run/check/check-experiment.js';
import type { Experiment } from '../../run/experiment.js';
import type { FineTuneExperiment } from '../../run/finetune/fine-tune-experiment.js';
import { reportName, writeReport } from './write-report.js';

const leave = async (directory: string, makePage: () => Promise<Page>): Promise<string> => {
  try {
    return await writeReport(directory, await makePage());
  } catch (error) {
    return rethrowDiskFull(directory, error);
  }
};

/**
 * Writes the report of a run. That of kernels which were all finished before stays as it is: their bytes need not be read.
 *
 * @returns its path
 */
export const leaveRunReport = async (
  experiment: Experiment,
  { verify = false }: { readonly verify?: boolean } = {},
): Promise<string> => {
  const { directory, cells } = experiment;
  const path = join(directory, reportName);
  if (!verify && cells.every(({ reused }) => reused) && existsSync(path)) return path;
  const { runPage } = await import('./run-page.js');
  return leave(directory, () => runPage(experiment, directory));
};

/** Writes the report of fine-tuning. @returns its path */
export const leaveFineTuneReport = async (experiment: FineTuneExperiment): Promise<string> => {
  const { fineTunePage } = await import('./fine-tune-page.js');
  return leave(experiment.directory, () => fineTunePage(experiment, experiment.directory));
};

/**
 * Writes the report of a check. One that shows the same findings stays as it is: the kernels need not be read.
 *
 * @returns its path
 */
export const leaveCheckReport = async (
  experiment: CheckedExperiment,
  { verify = false }: { readonly verify?: boolean } = {},
): Promise<string> => {
  const { checkHash, checkPage } = await import('./check-page.js');
  const { showsResults } = await import('@ntk-lens/report/page');
  const path = join(experiment.directory, reportName);
  const known = verify || !existsSync(path) ? '' : await readFile(path, 'utf8');
  if (showsResults(known, checkHash(experiment))) return path;
  return leave(experiment.directory, () => checkPage(experiment, experiment.directory));
};
