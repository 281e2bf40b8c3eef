import { afterAll, vi } from 'vitest';
import { removeTemporaryDirectories } from './temporary-directory.js';

// Vitest runs this file for every test file, also where several test files share a process.
afterAll(async () => {
  vi.unstubAllEnvs();
  await removeTemporaryDirectories();
});
