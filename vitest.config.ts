import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Packages resolve each other's sources through the `@ntk-lens/source` export condition: nothing is built to test.
const conditions = ['@ntk-lens/source', 'module', 'node', 'import', 'default'];

/** Test files that replace modules: they need a process of their own, where nothing is imported yet. */
const replacing = ['packages', 'tooling']
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name, 'src')))
  .filter((root) => existsSync(root))
  .flatMap((root) => readdirSync(root, { recursive: true, encoding: 'utf8' }).map((file) => join(root, file)))
  .filter((file) => file.endsWith('.test.ts') && /\bvi\.(mock|doMock)\(/.test(readFileSync(file, 'utf8')));

// Tests of many configurations run some of them, drawn by this seed (tooling/testing/src/sampled.ts). This file is
// read once for each project; the processes of tests inherit the variable.
if (process.env['NTK_LENS_TEST_ALL'] !== '1' && process.env['NTK_LENS_TEST_SEED'] === undefined) {
  process.env['NTK_LENS_TEST_SEED'] = String(Math.floor(Math.random() * 2 ** 32));
  console.warn(`Configurations drawn by NTK_LENS_TEST_SEED=${process.env['NTK_LENS_TEST_SEED']}`);
}

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // Native GEMMs use both cores of the smallest supported machine; two files at a time keep memory bounded.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'shared',
          // Files share a process, so that TensorFlow.js and the sources are loaded twice in all, not once per file.
          isolate: false,
          include: ['packages/*/src/**/*.test.ts', 'tooling/*/src/**/*.test.ts'],
          exclude: replacing,
        },
      },
      { extends: true, test: { name: 'alone', include: replacing } },
    ],
    setupFiles: ['tooling/testing/src/setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
