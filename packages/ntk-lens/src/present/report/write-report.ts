import { join } from 'node:path';
import { writeWhole } from '@ntk-lens/core';
import type { Page } from '@ntk-lens/report/page';

/** Name of a directory's report. */
export const reportName = 'report.html';

/** Writes the report of a directory. @returns its path */
export const writeReport = async (directory: string, page: Page): Promise<string> => {
  const path = join(directory, reportName);
  const { renderPage } = await import('@ntk-lens/report/page');
  await writeWhole(path, renderPage(page));
  return path;
};
