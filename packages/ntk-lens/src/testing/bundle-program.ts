import { mkdir, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Bundles the program into a directory, so that a test can start it many times: a third of the time from sources.
 *
 * @param without packages that the program does not find there
 * @returns the file to run with Node
 */
export const bundleProgram = async (directory: string, without: readonly string[] = []): Promise<string> => {
  const engine = here('../../../engine');
  // Native libraries and files that packages read stay where they are.
  const external = ['@ntk-lens/minilm-mlm', ...without];
  await build({
    entryPoints: [here('../bin.ts')],
    outdir: directory,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@ntk-lens/source'],
    external,
    outExtension: { '.js': '.mjs' },
    banner: {
      js: "import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
  const modules = join(directory, 'node_modules');
  await mkdir(join(modules, '@ntk-lens'), { recursive: true });
  const runtime = dirname(
    createRequire(join(engine, 'package.json')).resolve('onnxruntime-node/package.json'),
  );
  await symlink(runtime, join(modules, 'onnxruntime-node'), 'dir');
  await symlink(here('../../../minilm-mlm'), join(modules, '@ntk-lens', 'minilm-mlm'), 'dir');
  // The engine starts its thread from a file next to it.
  await build({
    entryPoints: [join(engine, 'src', 'node', 'ort', 'ort-worker.js')],
    outdir: directory,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external,
    logLevel: 'error',
  });
  return join(directory, 'bin.mjs');
};
