import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PeerPackagesError } from '../front/errors.js';
import { flagsFor, lastLine } from '../measure/processes.js';

/** Versions that a Python has. */
export interface PythonInfo {
  readonly python: string;
  /** Version of each package that was asked for; null where it is not installed. */
  readonly packages: Readonly<Record<string, string | null>>;
  /** The library that multiplies matrices for a package. */
  readonly products: Readonly<Record<string, string>>;
}

const reference = (script: string): string =>
  fileURLToPath(new URL(`../../../reference/${script}`, import.meta.url));

/**
 * Asks a Python for the packages of peers, before anything is measured.
 *
 * @throws PeerPackagesError where it cannot be started, or lacks one
 */
export const requirePackages = (python: string, needs: readonly string[]): PythonInfo => {
  const { stdout, error, status } = spawnSync(python, [reference('peer_packages.py'), ...needs], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (error) throw new PeerPackagesError(python, `It cannot be started (${error.message}).`);
  if (status !== 0)
    throw new PeerPackagesError(python, `It could not import ${needs.join(', ')} (exit code ${status}).`);
  const info = JSON.parse(stdout) as PythonInfo;
  const missing = needs.filter((name) => info.packages[name] === null);
  if (missing.length > 0) throw new PeerPackagesError(python, `It lacks ${missing.join(', ')}.`);
  return info;
};

/**
 * Runs a script of tooling/reference in a process of its own.
 *
 * @param input a text that it reads
 * @returns the JSON of its last line
 * @throws MeasurementFailedError
 */
export const runPeer = async <T>(
  python: string,
  script: string,
  options: Readonly<Record<string, unknown>>,
  { words = [] as readonly string[], input = '' } = {},
): Promise<T> =>
  JSON.parse(await lastLine(python, [reference(script), ...words, ...flagsFor(options)], { input })) as T;

/** The model that is given, or one of RoBERTa-base's shape (or of a tiny one) with random weights in a folder. */
export const modelOrRandom = async (
  python: string,
  model: string | undefined,
  folder: string,
  size: 'base' | 'tiny' = 'base',
): Promise<string> => {
  if (model !== undefined) return model;
  const made = join(folder, 'model');
  await lastLine(python, [reference('make_roberta_base_random.py'), made, '--size', size]);
  return made;
};
