import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RunDirectory } from '@ntk-lens/lens/stored';
import type { CheckedExperiment } from './check/check-experiment.js';
import { NoReportError } from './errors.js';
import type { Experiment } from './experiment.js';
import type { FineTuneExperiment } from './finetune/fine-tune-experiment.js';

/** The result that a command left in a directory. */
export type StoredResult =
  | Experiment
  | FineTuneExperiment
  | CheckedExperiment
  | { readonly format: 'kernels' };

const files = ['findings.json', 'metrics.json'] as const;
const known = ['ntk-lens-metrics', 'ntk-lens-finetune', 'ntk-lens-findings'];

/**
 * The result in a directory of `run`, `kernel`, `finetune` or `check`; `kernels` where there are kernels without one.
 *
 * @throws NoReportError for a directory that holds nothing of it; FileSystemError
 */
export const readResult = async (directory: string): Promise<StoredResult> => {
  const names = await readdir(directory);
  for (const name of files.filter((file) => names.includes(file))) {
    const text = await readFile(join(directory, name), 'utf8');
    const stored = parsed(text);
    if (stored === undefined) throw new NoReportError(directory, `a ${name} that is not JSON`);
    const { format, version } = stored;
    if (!known.includes(String(format))) continue;
    if (version !== 1) throw new NoReportError(directory, `a ${name} of version ${version}`);
    // Findings on widths and coordinates have no samples.
    if (name === 'metrics.json' || 'optimizers' in stored) return stored as unknown as StoredResult;
    throw new NoReportError(directory, `${name} without a fine-tuning`);
  }
  if (names.includes('train.npy') || names.some((name) => /^train_kernels_.*\.pt$/.test(name)))
    return { format: 'kernels' };
  const manifest = (await RunDirectory.read(directory))?.manifest;
  throw new NoReportError(
    directory,
    manifest ? 'a run that did not end' : names.length === 0 ? 'nothing' : names.slice(0, 10).join(', '),
  );
};

const parsed = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};
