import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made: string[] = [];

/** Makes a directory that is removed after the tests of the file. */
export const temporaryDirectory = async (): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'ntk-lens-test-'));
  made.push(path);
  return path;
};

/** Removes the directories made so far; `setup.ts` calls it after every test file. */
export const removeTemporaryDirectories = async (): Promise<void> => {
  for (const path of made.splice(0)) await rm(path, { recursive: true, force: true });
};
