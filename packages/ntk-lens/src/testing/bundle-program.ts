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
  const { resolve } = createRequire(join(engine, 'package.json'));
  await symlink(dirname(resolve('onnxruntime-node/package.json')), join(modules, 'onnxruntime-node'), 'dir');
  await linkKoffi(resolve, modules);
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

/** The library by which the engine manages freed memory; there is none for some platforms. */
const linkKoffi = async (resolve: NodeJS.RequireResolve, modules: string): Promise<void> => {
  const name = `@koromix/koffi-linux-${process.arch}`;
  try {
    const from = dirname(resolve(`${name}/package.json`));
    await mkdir(join(modules, '@koromix'), { recursive: true });
    await symlink(from, join(modules, name), 'dir');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
  }
};
