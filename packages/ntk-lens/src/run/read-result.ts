import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RunDirectory } from '@ntk-lens/lens/stored';
import type { LadderCheck, TwoLayerCheck } from '@ntk-lens/tensor-programs';
import type { RunConfig } from '../options/run-config.js';
import type { CheckedExperiment } from './check/check-experiment.js';
import { NoReportError } from './errors.js';
import type { Experiment } from './experiment.js';
import type { FineTuneExperiment } from './finetune/fine-tune-experiment.js';

/** The result of `check --ladder`. */
export interface StoredLadder extends LadderCheck {
  readonly format: 'ladder';
  readonly config: RunConfig;
}

/** The result of `check --two-layer`. */
export interface StoredTwoLayer extends TwoLayerCheck {
  readonly format: 'two-layer';
}

/** The result that a command left in a directory. */
export type StoredResult =
  | Experiment
  | FineTuneExperiment
  | CheckedExperiment
  | StoredLadder
  | StoredTwoLayer
  | { readonly format: 'kernels' };

const files = ['findings.json', 'metrics.json'] as const;
/** Formats of results with samples. */
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
    // Findings on widths have no format of their own.
    if ('rungs' in stored) return { ...stored, format: 'ladder' } as unknown as StoredLadder;
    if ('laws' in stored) return { ...stored, format: 'two-layer' } as unknown as StoredTwoLayer;
    if (!known.includes(String(format))) continue;
    if (version !== 1) throw new NoReportError(directory, `a ${name} of version ${version}`);
    return stored as unknown as StoredResult;
  }
  if (names.includes('train.npy') || names.some((name) => /^train_kernels_.*\.pt$/.test(name)))
    return { format: 'kernels' };
  if (names.includes('reproduction.json'))
    throw new NoReportError(directory, 'a reproduction, whose pages "ntk-lens reproduce" writes');
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
