import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Fields of results that tell how long the work took, and what was there before. */
const OF_THE_RUN = new Set(['seconds', 'reused', 'runtime']);

/** The text of a result without the place and the times, which two runs do not share. */
const withoutTimes = (name: string, text: string, directory: string): string => {
  const inJson = JSON.stringify(directory).slice(1, -1);
  const placeless = text.replaceAll(inJson, '').replaceAll(directory, '');
  if (name.endsWith('.json'))
    return JSON.stringify(JSON.parse(placeless, (key, value) => (OF_THE_RUN.has(key) ? undefined : value)));
  return placeless.replaceAll(/^.*\b\d+(\.\d+)? (ms|s|min)\b.*$/gm, '');
};

/** Results that hold times; every other file is compared to the byte. */
const HOLDS_TIMES = /(^|\/)(metrics\.json|findings\.json|table\.(md|tex))$/;

/** Files below a directory by name, each as a hash of what two runs with the same arguments must share. */
export const comparableFiles = async (
  directory: string,
  isCompared: (name: string) => boolean = () => true,
): Promise<ReadonlyMap<string, string>> => {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .filter(isCompared)
    .sort();
  const files = new Map<string, string>();
  for (const name of names) {
    const bytes = await readFile(join(directory, name));
    const compared = HOLDS_TIMES.test(name) ? withoutTimes(name, bytes.toString(), directory) : bytes;
    files.set(name, createHash('sha256').update(compared).digest('hex'));
  }
  return files;
};

/** Files that only one side has, or that differ, each with what is wrong. */
export const differences = (
  found: ReadonlyMap<string, string>,
  expected: ReadonlyMap<string, string>,
): readonly string[] =>
  [...new Set([...found.keys(), ...expected.keys()])]
    .filter((name) => found.get(name) !== expected.get(name))
    .map((name) =>
      !found.has(name)
        ? `${name} is missing`
        : !expected.has(name)
          ? `${name} is left over`
          : `${name} differs`,
    );
