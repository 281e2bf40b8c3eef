import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** Makes a directory that is removed after the tests of the file. */
export const temporaryDirectory = async (): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'ntk-lens-test-'));
  made.push(path);
  return path;
};

const made: string[] = [];
afterAll(async () => {
  for (const path of made) await rm(path, { recursive: true, force: true });
});
