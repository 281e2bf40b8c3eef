import { join } from 'node:path';
import { readFileList, readSealedJson } from '@ntk-lens/core';
import { NoLadderError } from '../../pretrain/errors.js';
import type { PretrainedRung } from '../../pretrain/rung.js';

/** Name of the record in a pre-trained model's directory; it is written last. */
export const RUNG_FILE = 'pretraining.json';

/**
 * Reads the record of a pre-trained model, and checks that it is that of the weights in the same folder.
 * Records of version 1 have no hash of their own; the model is then held against the hash in them when it is
 * opened.
 *
 * @returns undefined where there is none
 * @throws NoLadderError if it is not such a record, or not what was written; DamagedFileError;
 * FileSystemError
 */
export const readRung = async (directory: string): Promise<PretrainedRung | undefined> => {
  const file = join(directory, RUNG_FILE);
  const stored = await readSealedJson(file);
  if (stored === undefined) return undefined;
  const { fields, whole } = stored;
  if (fields === undefined) throw new NoLadderError(file, 'text that is not JSON');
  const { format, version, scheme } = fields;
  const known = format === 'ntk-lens-pretraining' && (version === 1 || version === 2);
  if (!known || typeof scheme !== 'object') throw new NoLadderError(file, 'another format');
  const rung = fields as unknown as PretrainedRung;
  if (version === 1) return rung;
  if (!whole) throw new NoLadderError(file, 'content that does not fit its SHA-256');
  const weights = (await readFileList(directory))?.['model.safetensors'];
  if (weights !== undefined && weights !== rung.weights)
    throw new NoLadderError(
      file,
      `the record of weights with SHA-256 ${rung.weights}, next to weights with ${weights}`,
    );
  return rung;
};
