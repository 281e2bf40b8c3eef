import { defineConfig } from 'tsup';

/** One preset for every package: ESM only, types beside the code, workspace packages left external. */
export const library = (options = {}) =>
  defineConfig({
    entry: ['src/index.ts'],
    format: ['esm'],
    target: 'node20',
    // tsup sets the deprecated `baseUrl` while it writes declarations.
    dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
    clean: true,
    sourcemap: true,
    splitting: true,
    treeshake: true,
    ...options,
  });
