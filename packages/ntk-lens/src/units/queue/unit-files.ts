import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { isUnfinished, lockName } from '@ntk-lens/core';
import { isOfStates } from '@ntk-lens/kernels';
import { marksName } from '../marks.js';

/** Files that say who works, and nothing about results. */
const OF_PROCESSES = /^(running|failed)-|^queue\.txt$/;

/** Files below a directory that others need, each with a stamp of its content, by their path with slashes. */
export const resultFiles = async (directory: string): Promise<ReadonlyMap<string, string>> => {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = new Map<string, string>();
  for (const entry of entries) {
    if (!entry.isFile() || entry.name === lockName || isUnfinished(entry.name)) continue;
    // A unit is finished without them.
    if (isOfStates(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(directory, path).split(sep).join('/');
    if (entry.parentPath === join(directory, marksName) && OF_PROCESSES.test(entry.name)) continue;
    const { size, mtimeNs, ino } = await stat(path, { bigint: true });
    files.set(name, `${size} ${mtimeNs} ${ino}`);
  }
  return files;
};

/** Names of files that are new or were written since. */
export const changedFiles = (
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] => [...after].flatMap(([name, stamp]) => (before.get(name) === stamp ? [] : [name]));
