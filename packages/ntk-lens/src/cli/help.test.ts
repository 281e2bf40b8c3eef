import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { expect, it } from 'vitest';

const bin = fileURLToPath(new URL('../bin.ts', import.meta.url));
const tracer = fileURLToPath(new URL('../testing/trace-modules.mjs', import.meta.url));

/** Runs the program in a process of its own and lists the modules that it loaded. */
const trace = async (...argv: string[]) => {
  const file = join(await temporaryDirectory(), 'modules');
  // tsx first: hooks registered later run first, and see what tsx has resolved.
  const flags = ['--conditions=@ntk-lens/source', '--import', 'tsx', '--import', tracer];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, bin, ...argv], {
    env: { ...process.env, TRACE_FILE: file, NODE_NO_WARNINGS: '1' },
    encoding: 'utf8',
  });
  const modules = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return { status, stdout, stderr, modules };
};

/** Formulas can be read without the engine; the rest of their package cannot. */
const heavy =
  /onnxruntime|tensorflow|\.node$|@ntk-lens\/(engine|models|kernels|solvers|tasks)(?!\/formulas)|packages\/((engine|models|solvers|tasks)\/|kernels\/src\/(?!formulas\/|errors\.))/;

it('--help of the program and of a command load neither a native library, nor tfjs, nor the packages that would', async () => {
  for (const argv of [['--help'], ['run', '--help'], ['--version'], ['models', 'show', '--help']]) {
    const { status, stdout, modules } = await trace(...argv);
    expect(status).toBe(0);
    expect(stdout.length).toBeGreaterThan(4);
    expect(modules.some((url) => url.includes('commander'))).toBe(true);
    expect(modules.filter((url) => heavy.test(url))).toEqual([]);
  }
});

it('the trace sees what a command does load', async () => {
  const { status, modules } = await trace('tasks', 'list');
  expect(status).toBe(0);
  expect(modules.some((url) => heavy.test(url))).toBe(true);
});
