import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { checkWritable } from '@ntk-lens/core';
import { inDirectory } from '../../run/in-directory.js';
import { pageOf } from './page-of.js';
import { writeReport } from './write-report.js';

/**
 * Writes the report of a directory, from its files alone: no model is opened (docs/report.md).
 *
 * @example
 * ```ts
 * await runExperiment({ ...defaultRunConfig, task: 'topic' }, { out: 'runs/topic' });
 * console.log(await reportDirectory('runs/topic')); // the path of report.html
 * ```
 * @param memory budget for a kernel, in bytes: a larger one is read by rows. Default: that of the run, or 4 GiB
 * @returns the path of the report
 * @throws NoReportError, DirectoryInUseError, FileSystemError, and what reading the kernels throws
 */
export const reportDirectory = async (path: string, memory?: number): Promise<string> => {
  const directory = resolve(path);
  await readdir(directory);
  await checkWritable(directory);
  return inDirectory(directory, {}, async () => writeReport(directory, await pageOf(directory, memory)));
};
