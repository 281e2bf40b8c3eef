import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { defineConfig } from 'tsup';

/** Removes the source maps of files that only export what others have: they map nothing. */
const withoutEmptyMaps = {
  name: 'without-empty-maps',
  buildEnd: async ({ writtenFiles }) => {
    for (const { name } of writtenFiles.filter((file) => file.name.endsWith('.map'))) {
      if (JSON.parse(await readFile(name, 'utf8')).sources.length > 0) continue;
      await rm(name);
      const file = name.replace(/\.map$/, '');
      await writeFile(file, (await readFile(file, 'utf8')).replace(/^\/\/# sourceMappingURL=.*\n?/gm, ''));
    }
  },
};

/**
 * One preset for every package: ESM only, types next to the code, workspace packages left external. A package
 * with `src/node.ts` has two main entries: `index` for a browser, and `node`, which has everything and the
 * types of both.
 *
 * @param {import('tsup').Options & { light?: Record<string, string>, declarationsBegin?: string }} options `light` has
 *   further entries by name, and `declarationsBegin` the first line of every declaration file
 */
export const library = ({ light = {}, declarationsBegin, ...options } = {}) => {
  const types = existsSync('src/node.ts') ? { node: 'src/node.ts' } : { index: 'src/index.ts' };
  return defineConfig({
    entry: { index: 'src/index.ts', ...types, ...light },
    format: ['esm'],
    target: 'node20',
    // tsup sets the deprecated `baseUrl` while it writes declarations.
    dts: {
      entry: { ...types, ...light },
      banner: declarationsBegin,
      compilerOptions: { ignoreDeprecations: '6.0' },
    },
    clean: true,
    sourcemap: true,
    splitting: true,
    treeshake: true,
    plugins: [withoutEmptyMaps],
    ...options,
  });
};
