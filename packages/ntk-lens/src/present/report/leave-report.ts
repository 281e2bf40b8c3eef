import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isNtkLensError } from '@ntk-lens/core';
import { rethrowDiskFull } from '@ntk-lens/lens/stored';
import type { Page } from '@ntk-lens/report/page';
import type { CheckedExperiment } from '../../run/check/check-experiment.js';
import type { Experiment } from '../../run/experiment.js';
import type { FineTuneExperiment } from '../../run/finetune/fine-tune-experiment.js';
import { shownPath } from '../shown-path.js';
import { reportName, writeReport } from './write-report.js';

const leave = async (directory: string, makePage: () => Promise<Page>): Promise<string> => {
  try {
    return await writeReport(directory, await makePage());
  } catch (error) {
    return rethrowDiskFull(directory, error);
  }
};

/**
 * Writes the report of what a command left in a directory.
 *
 * @returns its path
 * @throws NoReportError for a directory without results; what reading its kernels throws
 */
export const leaveDirectoryReport = async (path: string, memory?: number): Promise<string> => {
  const directory = resolve(path);
  const { pageOf } = await import('./page-of.js');
  return leave(directory, () => pageOf(directory, memory));
};

/**
 * Writes the reports of directories with kernels, which other programs may have made: the reason for which one has no report
 * is a note.
 */
export const leaveKernelReports = async (
  paths: readonly string[],
  memory?: number,
): Promise<{ readonly reports: readonly string[]; readonly notes: readonly string[] }> => {
  const [reports, notes]: [string[], string[]] = [[], []];
  for (const path of paths)
    try {
      const report = await leaveDirectoryReport(path, memory);
      reports.push(report);
      notes.push(`report in ${shownPath(report)}`);
    } catch (error) {
      if (!isNtkLensError(error) || error.kind !== 'input') throw error;
      notes.push(`no report of ${shownPath(resolve(path))}: ${error.message}`);
    }
  return { reports, notes };
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
