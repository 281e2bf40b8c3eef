import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DataFormatError, MissingDataError } from '../errors.js';

/** Larger text files are not examples of a classification task, and would not fit a string. */
const maxBytes = 256 * 1024 * 1024;

/**
 * Reads a text file as UTF-8. LM-BFF's directories store one test file per task and link to it; where such a link was
 * checked out as text (`../test.tsv`, `../16-13/test.tsv`), the file that it names is read.
 *
 * @throws MissingDataError if there is no such file, DataFormatError if it is not UTF-8 or larger than 256 MiB
 */
export const readDataFile = (path: string): Promise<string> => read(path, true);

const read = async (path: string, follow: boolean): Promise<string> => {
  const size = await stat(path).then(
    (found) => found.size,
    () => undefined,
  );
  if (size === undefined) throw new MissingDataError(`File ${path}`, [path], 'Check the path.');
  if (size > maxBytes) {
    throw new DataFormatError(path, 1, `${size} bytes`, `at most ${maxBytes}: give a sample of the data`);
  }
  const bytes = await readFile(path);
  const linked = follow ? linkTarget(bytes, basename(path)) : undefined;
  if (linked !== undefined) return read(join(dirname(path), linked), false);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new DataFormatError(path, lineOfInvalid(bytes), 'bytes that are not UTF-8', 'UTF-8 text');
  }
};

/** A link to the same file one folder up, or in a neighbouring folder (which holds the file itself). */
const linkTarget = (bytes: Buffer, name: string): string | undefined => {
  if (bytes.length > 3 + 255 + name.length) return undefined;
  const text = bytes.toString('utf8');
  const folder = text.startsWith('../') && text.endsWith(name) ? text.slice(3, -name.length) : undefined;
  return folder !== undefined && /^(?:[\w-]+\/)?$/.test(folder) ? text : undefined;
};

const lineOfInvalid = (bytes: Uint8Array): number => {
  let line = 1;
  let start = 0;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let i = 0; i <= bytes.length; i++) {
    if (i < bytes.length && bytes[i] !== 10) continue;
    try {
      decoder.decode(bytes.subarray(start, i));
    } catch {
      return line;
    }
    start = i + 1;
    line++;
  }
  return line;
};
