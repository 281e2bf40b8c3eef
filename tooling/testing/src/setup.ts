import { afterAll, vi } from 'vitest';
import { compareArraysFast } from './equal-arrays.js';
import { removeTemporaryDirectories } from './temporary-directory.js';

compareArraysFast();

// Vitest runs this file for every test file, also where several test files share a process.
afterAll(async () => {
  vi.unstubAllEnvs();
  await removeTemporaryDirectories();
});
