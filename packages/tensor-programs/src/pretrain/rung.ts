import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NoLadderError } from './errors.js';
import type { PretrainingScheme } from './scheme.js';

/** Name of the record in a pre-trained model's directory; it is written last. */
export const RUNG_FILE = 'pretraining.json';

/** How well a model reads off a task what it was never trained on as a task. */
export interface ZeroShotRecord {
  readonly accuracy: number;
  /** Mean over examples of 1 − p(right label) = ½ Σ_c |χ_c|. */
  readonly chi: number;
}

/** What `pretraining.json` of a model says. */
export interface PretrainedRung {
  readonly format: 'ntk-lens-pretraining';
  readonly version: 1;
  readonly scheme: PretrainingScheme;
  readonly width: number;
  readonly seed: number;
  /** What computed it: the same runtime and threads give the same bytes. */
  readonly runtime: string;
  /** SHA-256 of configuration and weights. */
  readonly hash: string;
  readonly parameters: number;
  /** Mean loss of the texts of the first and of the last twentieth of the steps, nats. */
  readonly loss: { readonly first: number; readonly last: number };
  /** On 128 prompts of each task of the language, without training. */
  readonly zeroShot: Readonly<Record<'sentiment' | 'topic', ZeroShotRecord>>;
}

/**
 * Reads the record of a pre-trained model.
 *
 * @returns undefined where there is none
 * @throws NoLadderError if it is not such a record
 */
export const readRung = async (directory: string): Promise<PretrainedRung | undefined> => {
  const file = join(directory, RUNG_FILE);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
  let rung: PretrainedRung;
  try {
    rung = JSON.parse(text) as PretrainedRung;
  } catch (cause) {
    throw new NoLadderError(file, 'text that is not JSON', { cause });
  }
  if (rung?.format !== 'ntk-lens-pretraining' || rung.version !== 1 || typeof rung.scheme !== 'object')
    throw new NoLadderError(file, 'another format');
  return rung;
};
