import { join } from 'node:path';
import { readSealedJson, sha256, writeSealedJson } from '@ntk-lens/core';
import { fromJson, toJson } from '../../run/lossless-json.js';
import type { ProtocolCell } from './protocol-cell.js';

const format = 'ntk-lens-cell';
const version = 1;

/** The file that keeps the result of a cell. */
export const cellFile = (root: string, key: string): string => {
  const [task, ...rest] = key.split('/');
  return join(root, task!, 'cells', `${rest.join('-')}.json`);
};

const hashOf = ({ identity }: ProtocolCell, data: string): string =>
  sha256()
    .update(JSON.stringify([identity, data]))
    .hex();

/**
 * The result of a cell that an earlier call left, read without its kernel or training; undefined where there is none of the
 * same settings and data.
 *
 * @param data hash of the samples
 */
export const readCell = async <R>(
  root: string,
  cell: ProtocolCell<R>,
  data: string,
): Promise<{ readonly result: R } | undefined> => {
  const stored = await readSealedJson(cellFile(root, cell.key));
  const { fields, whole } = stored ?? {};
  if (!whole || fields?.['format'] !== format || fields['version'] !== version) return undefined;
  if (fields['identity'] !== hashOf(cell, data)) return undefined;
  return { result: fromJson(fields['result']) as R };
};

/** Keeps the result of a cell. @returns it as {@link readCell} will give it */
export const writeCell = async <R>(
  root: string,
  cell: ProtocolCell<R>,
  data: string,
  result: R,
): Promise<R> => {
  const kept = toJson(result);
  await writeSealedJson(cellFile(root, cell.key), {
    format,
    version,
    identity: hashOf(cell, data),
    result: kept,
  });
  return fromJson(kept) as R;
};
