import { defineConfig } from 'vitest/config';

// Packages resolve each other's sources through the `@ntk-lens/source` export condition: nothing is built to test.
const conditions = ['@ntk-lens/source', 'module', 'node', 'import', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'tooling/*/src/**/*.test.ts'],
    // Native GEMMs use both cores of the smallest supported machine; two files at a time keep memory bounded.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
