// Bundles TensorFlow.js for Node and browsers alike. It runs at `pnpm install`, so that programs and tests from the
// sources load what is published; files are written over, since something may be running.
import { copyFile, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

await build({
  entryPoints: [here('src/index.ts'), here('src/wasm.ts')],
  outdir: here('dist'),
  bundle: true,
  splitting: true,
  chunkNames: 'shared',
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  mainFields: ['module', 'main'],
  legalComments: 'linked',
  // These are asked for where Node runs; where Node has no such module, the code that asks is never reached.
  external: ['crypto', 'fs', 'node-fetch', 'os', 'path', 'perf_hooks', 'util', 'worker_threads'],
  banner: { js: 'const require = globalThis.process?.getBuiltinModule;' },
  define: { __dirname: '""', __filename: '""' },
  logLevel: 'warning',
});

const backend = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json'));
for (const name of await readdir(join(backend, 'dist'))) {
  if (name.endsWith('.wasm')) await copyFile(join(backend, 'dist', name), here(`dist/${name}`));
}
