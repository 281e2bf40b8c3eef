import { appendFile, readdir, rm, truncate } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { beforeAll, expect, it } from 'vitest';
import { runCli } from '../testing/run-cli.js';
import { fromJson, toJson } from './lossless-json.js';

let model: string;
beforeAll(async () => {
  model = await tinyModel(join(await temporaryDirectory(), 'tiny'));
});
const program = (out: string, ...argv: string[]) =>
  runCli([...argv, '--model', model, '--runtime', 'ort-cpu', '--threads', '1', '--out', out, '--quiet']);

/** The large files below a directory: kernels, weights, states. */
const largeFiles = async (directory: string): Promise<string[]> =>
  (await readdir(directory, { recursive: true }))
    .filter((name) => /\.(npy|safetensors)$/.test(name))
    .map((name) => join(directory, name));

/** What a command prints, without how long it took and what was there before. */
const printed = (stdout: string): string =>
  stdout.replaceAll(/"(reused|seconds)":[^,{}]+,?|"seconds":\{[^}]*\},?/g, '');

const sample = ['--shots', '2', '--limit-test', '6'];
const finished = [
  ['run', ...sample],
  ['run', ...sample, '--space', 'full,lora:r=2', '--calibrate'],
  ['kernel', ...sample, '--blocks', 'layer'],
  ['finetune', ...sample, '--steps', '4', '--lr', '1e-3,1e-2'],
  ['check', ...sample, '--optimizer', 'sgd', '--steps', '4'],
];

it.each(finished)('%s %s %s … that is finished is told again from its manifest alone', async (...argv) => {
  const out = join(await temporaryDirectory(), 'out');
  const first = await program(out, ...argv, '--json');
  expect(first.code, first.stderr).toBe(0);
  const files = await largeFiles(out);
  const [some, other] = [files[0]!, files.at(-1)!];
  await truncate(some, 10);
  await rm(other);
  const again = await program(out, ...argv, '--json');
  expect(again.code, again.stderr).toBe(0);
  expect(printed(again.stdout)).toBe(printed(first.stdout));
  const verified = await program(out, ...argv, '--verify');
  expect(verified.code).toBe(2);
  expect([some, other].some((file) => verified.stderr.includes(basename(file)))).toBe(true);
});

it('a command that needs the bytes of a finished kernel verifies them', async () => {
  const out = join(await temporaryDirectory(), 'out');
  expect((await program(out, 'run', ...sample)).code).toBe(0);
  await appendFile(join(out, 'test.npy'), 'x');
  const solved = await runCli(['solve', out, '--solver', 'svc', '--quiet']);
  expect([solved.code, solved.stderr]).toEqual([2, expect.stringContaining('test.npy')]);
  await rm(join(out, 'kernel.svg'));
  const figure = await program(out, 'run', ...sample);
  expect([figure.code, figure.stderr]).toEqual([2, expect.stringContaining('test.npy')]);
  expect((await program(out, 'run', ...sample, '--force')).code).toBe(0);
  expect((await program(out, 'run', ...sample, '--verify')).code).toBe(0);
});

it('numbers for which JSON has no word are kept', () => {
  const value = { a: [Number.NaN, -Infinity, 1.5], b: { number: 'seven', c: null } };
  expect(fromJson(JSON.parse(JSON.stringify(toJson(value))))).toEqual(value);
});
