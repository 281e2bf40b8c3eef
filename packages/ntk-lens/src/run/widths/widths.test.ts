import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { runCli } from '../../testing/run-cli.js';
import { temporaryDirectory } from '../../testing/temporary-directory.js';

const tiny = [
  '--steps',
  '6',
  '--batch',
  '4',
  '--layers',
  '1',
  '--base-width',
  '8',
  '--runtime',
  'ort-cpu',
  '--threads',
  '1',
];
let ladder: string;
beforeAll(async () => {
  ladder = join(await temporaryDirectory(), 'mup');
});

it('pretrain writes a ladder, check --ladder fits its exponents on its own task, other commands take its models', async () => {
  const trained = await runCli(['pretrain', '--widths', '8,16,32', '--seeds', '0', ...tiny, '-o', ladder]);
  expect(trained.stderr).toContain('width 32, seed 0 (3/3)');
  expect(trained.code).toBe(0);
  expect(trained.stdout).toMatch(/Ladder of mup with adam/);
  expect(JSON.parse(await readFile(join(ladder, 'ladder.json'), 'utf8')).rungs).toHaveLength(3);

  const out = join(ladder, '..', 'check');
  const machine = ['--runtime', 'ort-cpu', '--threads', '1'];
  const checked = await runCli([
    'check',
    '--ladder',
    ladder,
    '--shots',
    '4',
    ...machine,
    '-o',
    out,
    '--json',
  ]);
  expect(checked.code).toBe(0);
  const { findings, rungs } = JSON.parse(checked.stdout);
  expect(rungs.map(({ width }: { width: number }) => width)).toEqual([8, 16, 32]);
  expect(findings[0]).toMatchObject({ condition: 'natural task', note: expect.stringContaining('one seed') });
  for (const file of [
    'ladder-chi.svg',
    'ladder-linearization.svg',
    'ladder-kernel.svg',
    'table.md',
    'findings.json',
  ])
    expect(existsSync(join(out, file))).toBe(true);
  expect(JSON.parse(await readFile(join(out, 'findings.json'), 'utf8')).config.data).toBe(
    join(ladder, 'language', 'sentiment.csv'),
  );

  const data = join(ladder, 'language', 'topic.csv');
  const model = join(ladder, 'width-16-seed-0');
  const zeroShot = await runCli([
    'zero-shot',
    '--model',
    model,
    '--task',
    'topic',
    '--data',
    data,
    ...machine,
  ]);
  expect(zeroShot.stderr).not.toContain('error');
  expect(zeroShot.code).toBe(0);
});

it('a ladder of another scheme in the directory, and mixed ladders, are bad input', async () => {
  const other = await runCli([
    'pretrain',
    '--widths',
    '8',
    '--seeds',
    '0',
    ...tiny,
    '--lr',
    '0.1',
    '-o',
    ladder,
  ]);
  expect(other.code).toBe(2);
  expect(other.stderr).toMatch(/learningRate: 0\.004 and 0\.1/);
  const second = `${ladder}-standard`;
  const scheme = ['--parametrization', 'standard', ...tiny];
  expect((await runCli(['pretrain', '--widths', '8', '--seeds', '0', ...scheme, '-o', second])).code).toBe(0);
  const mixed = await runCli(['check', '--ladder', ladder, second]);
  expect(mixed.code).toBe(2);
  expect(mixed.stderr).toMatch(/parametrization: "standard" and "mup"|parametrization: "mup" and "standard"/);
  const meanField = await runCli([
    'pretrain',
    '--parametrization',
    'mean-field',
    ...tiny,
    '-o',
    `${ladder}-mf`,
  ]);
  expect(meanField.code).toBe(2);
  expect(meanField.stderr).toContain('one hidden layer');
});

it('coordinates leaves a figure and a table, and exits with 1 where the check fails', async () => {
  const out = `${ladder}-coordinates`;
  const options = ['--widths', '8,16,64', '--seeds', '0', ...tiny, '--steps', '2', '--lr', '0.05', '-o', out];
  const failed = await runCli(['coordinates', '--parametrization', 'standard', ...options]);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain('Coordinate check of "standard"');
  expect(failed.stdout).toContain('layer.0 scores');
  expect(existsSync(join(out, 'coordinates.svg'))).toBe(true);
});
