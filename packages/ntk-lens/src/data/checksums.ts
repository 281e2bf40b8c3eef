import { BadArgumentError, FileSystemError, isError, readText } from '@ntk-lens/core';
import { SplitChecksumError } from './errors.js';

/**
 * Reads a list of MD5 sums as `md5sum` writes it.
 *
 * @returns sum by file name
 * @throws BadArgumentError if the file cannot be read or has a line that is no sum
 */
export const readChecksums = async (file: string): Promise<ReadonlyMap<string, string>> => {
  const text = await readText(file).catch((error: unknown) => {
    if (!isError(error, FileSystemError)) throw error;
    throw new BadArgumentError('check', file, 'a readable list of md5 sums');
  });
  const sums = new Map<string, string>();
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const match = /^([0-9a-f]{32}) [ *](.+)$/.exec(line);
    if (!match) throw new BadArgumentError(`${file} line ${i + 1}`, line.slice(0, 80), '"<md5>  <file>"');
    sums.set(match[2]!.replace(/^\.\//, ''), match[1]!);
  }
  return sums;
};

/**
 * Compares files with a list. Names match by their last three parts, `<TASK>/<shots>-<seed>/<file>`.
 *
 * @returns number of files in the list
 * @throws SplitChecksumError if a sum differs, or the list names none of the files
 */
export const verifyChecksums = (
  files: readonly { readonly name: string; readonly md5: string }[],
  expected: ReadonlyMap<string, string>,
  list: string,
): number => {
  const byName = new Map([...expected].map(([name, md5]) => [name.split('/').slice(-3).join('/'), md5]));
  const known = files.filter(({ name }) => byName.has(name));
  const wrong = known.filter(({ name, md5 }) => byName.get(name) !== md5);
  if (known.length === 0 || wrong.length > 0) {
    throw new SplitChecksumError(
      list,
      known.length,
      wrong.map(({ name, md5 }) => ({ name, md5, expected: byName.get(name)! })),
    );
  }
  return known.length;
};
