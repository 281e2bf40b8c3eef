import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { expect, it } from 'vitest';
import { readme } from '../version.js';
import { type Command, commandsBelow } from './command.js';
import { helpText } from './help.js';
import { pathOf, program } from './program.js';

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

/** Names, solvers, formulas and optimizers can be read without the engine; the rest of their packages cannot. */
const heavy =
  /onnxruntime|tensorflow|\.node$|packages\/(models\/|engine\/src\/(?!runtime-names\.)|kernels\/src\/(?!formulas\/|errors\.))/;

/** What help and version do without: whatever is not declarations. */
const needless =
  /node_modules\/(?!(\.pnpm\/)?(tsx|esbuild|get-tsconfig|resolve-pkg-maps|@noble.hashes)[@/])|packages\/(?!(core|lens|ntk-lens|engine|kernels|subspace|solvers)\/)|\/lens\/src\/(?!defaults\.|embedded-name\.|check\/check-choice\.|fine-tune\/training\.)|subspace\/src\/(?!training\/optimizers\/|optimizers\.)|ntk-lens\/src\/run\//;

it('--help and --version load declarations: no parser, no zod, no native library, no tfjs, no package that would', async () => {
  for (const argv of [['--help'], ['run', '--help'], ['--version'], ['models', 'show', '--help']]) {
    const { status, stdout, modules } = await trace(...argv);
    expect(status).toBe(0);
    expect(stdout.length).toBeGreaterThan(4);
    expect(modules.some((url) => url.includes('options/declare'))).toBe(true);
    expect(modules.filter((url) => needless.test(url))).toEqual([]);
    expect(modules.filter((url) => heavy.test(url))).toEqual([]);
  }
});

it('completion loads the parser besides, and nothing heavy', async () => {
  const { status, modules } = await trace('completion', 'bash');
  expect(status).toBe(0);
  expect(modules.filter((url) => heavy.test(url) || /node_modules\/.*\bzod\b/.test(url))).toEqual([]);
});

it('the trace sees what a command does load', async () => {
  const { status, modules } = await trace('models', 'list');
  expect(status).toBe(0);
  expect(modules.some((url) => heavy.test(url))).toBe(true);
  expect(modules.some((url) => needless.test(url))).toBe(true);
  expect(modules.some((url) => /commander/.test(url) && needless.test(url))).toBe(true);
});

const all = commandsBelow(program).map(({ words, command }) => [words, command] as const);

it.each(all)('the help of "%s" keeps to the width of the terminal, whatever it is', (words: string) => {
  const path = pathOf(words.split(' ').filter(Boolean));
  const texts = [60, 80, 120].map((columns) => {
    const text = helpText(path, columns);
    // A single word, such as an address or a flag with its value, is not broken.
    for (const line of text.split('\n'))
      if (line.trim().includes(' ')) expect(line.length).toBeLessThanOrEqual(columns);
    return text.replace(/\s+/g, ' ');
  });
  // The same words at every width.
  expect(new Set(texts).size).toBe(1);
});

it.each(all)('the help of "%s" names a page that exists', (_, command: Command) => {
  const page = new URL(`../../../../${command.docs ?? readme}`, import.meta.url);
  expect(readFileSync(page, 'utf8')).toMatch(/^# /);
  expect(helpText([program, command])).toContain(
    `https://github.com/ntk-lens/ntk-lens/blob/main/${command.docs ?? readme}\n`,
  );
});
