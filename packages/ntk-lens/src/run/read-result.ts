import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSealedJson } from '@ntk-lens/core';
import { RunDirectory } from '@ntk-lens/lens/stored';
import type {
  CoordinateCheck,
  LadderCheck,
  LadderManifest,
  PretrainingScheme,
  TwoLayerCheck,
} from '@ntk-lens/tensor-programs';
import type { RunConfig } from '../options/run-config.js';
import type { CheckedExperiment } from './check/check-experiment.js';
import type { Demo } from './demo/demo.js';
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

/** The result of `coordinates`. */
export interface StoredCoordinates extends CoordinateCheck {
  readonly format: 'coordinates';
  readonly scheme: PretrainingScheme;
}

/** The result that a command left in a directory. */
export type StoredResult =
  | Experiment
  | FineTuneExperiment
  | CheckedExperiment
  | Demo
  | LadderManifest
  | StoredCoordinates
  | StoredLadder
  | StoredTwoLayer
  | { readonly format: 'kernels' };

const files = ['findings.json', 'metrics.json', 'demo.json', 'ladder.json'] as const;
/** Versions of formats that name themselves. */
const versions: Readonly<Record<string, number>> = {
  'ntk-lens-metrics': 1,
  'ntk-lens-finetune': 1,
  'ntk-lens-findings': 1,
  'ntk-lens-demo': 1,
  'ntk-lens-ladder': 2,
};

/** Fields by which findings on widths are known. */
const widthFormats = [
  ['rungs', 'ladder'],
  ['laws', 'two-layer'],
  ['coordinates', 'coordinates'],
] as const;

/**
 * The result that a command left in a directory; `kernels` where there are kernels without one.
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
    const expected = versions[String(format)];
    if (expected !== undefined) {
      if (version !== expected) throw new NoReportError(directory, `a ${name} of version ${version}`);
      if ('sha256' in stored && !(await readSealedJson(join(directory, name)))?.whole)
        throw new NoReportError(directory, `a ${name} that is not what was written`);
      return stored as unknown as StoredResult;
    }
    // Findings on widths have no format of their own.
    const own = widthFormats.find(([field]) => field in stored);
    if (own) return { ...stored, format: own[1] } as unknown as StoredResult;
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
