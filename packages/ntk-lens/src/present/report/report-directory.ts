import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { checkWritable } from '@ntk-lens/core';
import type { Page } from '@ntk-lens/report/page';
import { NoReportError } from '../../run/errors.js';
import { inDirectory } from '../../run/in-directory.js';
import { readResult } from '../../run/read-result.js';
import { writeReport } from './write-report.js';

/**
 * The page of what a command left in a directory.
 *
 * @throws NoReportError for a directory without results; what reading its kernels throws
 */
const pageOf = async (directory: string): Promise<Page> => {
  const result = await readResult(directory);
  switch (result.format) {
    case 'ntk-lens-metrics':
      return (await import('./run-page.js')).runPage(result, directory);
    case 'ladder':
      return (await import('./widths-page.js')).ladderPage(result);
    case 'two-layer':
      return (await import('./widths-page.js')).twoLayerPage(result);
    case 'kernels':
      return (await import('./kernel-page.js')).kernelPage(directory);
    case 'ntk-lens-finetune':
      return (await import('./fine-tune-page.js')).fineTunePage(result, directory);
    case 'ntk-lens-findings':
      return (await import('./check-page.js')).checkPage(result, directory);
  }
};

/**
 * Writes the report of a directory, from its files alone: no model is opened (docs/report.md).
 *
 * @example
 * ```ts
 * await reportDirectory('runs/topic'); // '/…/runs/topic/report.html'
 * ```
 * @returns the path of the report
 * @throws NoReportError, DirectoryInUseError, FileSystemError, and what reading the kernels throws
 */
export const reportDirectory = async (path: string): Promise<string> => {
  const directory = resolve(path);
  await readdir(directory);
  await checkWritable(directory);
  return inDirectory(directory, {}, async () => {
    const page = await pageOf(directory).catch((error: unknown) => {
      // Fields are read as they come: files of results may be edited, and carry no hash.
      if (error instanceof TypeError)
        throw new NoReportError(directory, `results with a missing or unknown field (${error.message})`);
      throw error;
    });
    return writeReport(directory, page);
  });
};
