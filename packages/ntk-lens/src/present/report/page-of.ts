import type { Page } from '@ntk-lens/report/page';
import { NoReportError } from '../../run/errors.js';
import { readResult } from '../../run/read-result.js';

const pageOfResult = async (directory: string, memory: number | undefined): Promise<Page> => {
  const result = await readResult(directory);
  switch (result.format) {
    case 'ntk-lens-metrics':
      return (await import('./run-page.js')).runPage(result, directory, memory);
    case 'ntk-lens-demo':
      return (await import('./demo-page.js')).demoPage(result, directory);
    case 'ntk-lens-ladder':
      return (await import('./widths-page.js')).pretrainedPage(result);
    case 'coordinates':
      return (await import('./widths-page.js')).coordinatesPage(result);
    case 'ladder':
      return (await import('./widths-page.js')).ladderPage(result);
    case 'two-layer':
      return (await import('./widths-page.js')).twoLayerPage(result);
    case 'kernels':
      return (await import('./kernel-page.js')).kernelPage(directory, memory);
    case 'ntk-lens-finetune':
      return (await import('./fine-tune-page.js')).fineTunePage(result, directory);
    case 'ntk-lens-findings':
      return (await import('./check-page.js')).checkPage(result, directory);
  }
};

/**
 * The page of what a command left in a directory.
 *
 * @param memory budget for a kernel, in bytes: a larger one is read by rows. Default: that of the run, or 4 GiB
 * @throws NoReportError for a directory without results; what reading its kernels throws
 */
export const pageOf = (directory: string, memory?: number): Promise<Page> =>
  pageOfResult(directory, memory).catch((error: unknown) => {
    // Fields are read as they come: files of results may be edited, and carry no hash.
    if (error instanceof TypeError)
      throw new NoReportError(directory, `results with a missing or unknown field (${error.message})`);
    throw error;
  });
