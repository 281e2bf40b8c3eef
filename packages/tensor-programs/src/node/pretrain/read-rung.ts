import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NoLadderError } from '../../pretrain/errors.js';
import type { PretrainedRung } from '../../pretrain/rung.js';

/** Name of the record in a pre-trained model's directory; it is written last. */
export const RUNG_FILE = 'pretraining.json';

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
