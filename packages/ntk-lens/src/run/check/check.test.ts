import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultTrajectory } from '@ntk-lens/lens/defaults';
import type { Finding } from '@ntk-lens/tensor-programs';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { expect, it } from 'vitest';
import { runCli } from '../../testing/run-cli.js';
import { resolveCheck } from './resolve-check.js';

const small = ['--shots', '2', '--limit-test', '6', '--threads', '1', '--quiet'];
const short = ['--steps', '3', '--trajectory', '1,2,3', '--early-steps', '2', '--no-dropout'];

it('ntk-lens check gives a verdict on every condition, and reads what it has measured', async () => {
  const root = await temporaryDirectory();
  const model = await tinyModel(join(root, 'tiny'));
  const out = join(root, 'out');
  const argv = ['check', '--model', model, ...small, ...short, '--out', out];
  const { code, stdout, stderr } = await runCli([...argv, '--json']);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const experiment = JSON.parse(stdout);
  expect(JSON.parse(await readFile(join(out, 'findings.json'), 'utf8'))).toEqual(experiment);
  const findings = experiment.findings as Finding[];
  expect([...new Set(findings.map(({ condition }) => condition))]).toEqual([
    'solves',
    'linearization',
    'linearization of steps',
    'fixed features',
    'early Adam is SignGD',
    'early Adam follows SignGD',
    'A-SignGD kernel analogue',
    'natural task (one width)',
    'expressible',
  ]);
  for (const { verdict, threshold, definition, measure } of findings) {
    expect(['holds', 'fails', 'cannot tell']).toContain(verdict);
    expect(`${threshold}${definition}${measure}`.length).toBeGreaterThan(20);
  }
  const [sgd] = experiment.optimizers;
  expect(sgd.steps.map(({ from, to }: { from: number; to: number }) => [from, to])).toEqual([
    [0, 1],
    [1, 2],
    [2, 3],
  ]);
  expect((await readdir(out)).sort()).toEqual([
    '2-42',
    'chi.svg',
    'config.json',
    'f-lin.svg',
    'findings.json',
    'kernel-drift.svg',
    'linearization.svg',
    'report.html',
    'table.md',
  ]);
  const report = await readFile(join(out, 'report.html'), 'utf8');
  expect(report.match(/class="verdict (holds|fails|cannot-tell)"/g)).toHaveLength(findings.length);
  expect(report.match(/data-name="heat-map"/g)).toHaveLength(6);
  for (const title of [
    'Kernel drift along fine-tuning',
    'Loss along fine-tuning',
    'Spectrum of the SGD kernel',
  ])
    expect(report).toContain(`>${title}</title>`);
  const { stdout: path } = await runCli(['report', out]);
  expect(path).toBe(`${join(out, 'report.html')}\n`);
  expect(await readFile(join(out, 'report.html'), 'utf8')).toBe(report);
  // Without trainings and kernels there is nothing but measurements to read.
  for (const name of await readdir(join(out, '2-42')))
    if (!name.startsWith('measured')) await rm(join(out, '2-42', name), { recursive: true });
  const again = await runCli([...argv, '--config', join(out, 'config.json')]);
  expect(again.code).toBe(0);
  expect(again.stdout).toContain('Does the kernel view hold? sentiment, 2-shot, seed 42');
  expect(JSON.parse(await readFile(join(out, 'findings.json'), 'utf8')).findings).toEqual(findings);
  expect((await readdir(join(out, '2-42'))).filter((name) => !name.startsWith('measured'))).toEqual([]);
});

it('checks a subspace: its kernel, its trajectory', async () => {
  const root = await temporaryDirectory();
  const model = await tinyModel(join(root, 'tiny'));
  const flags = ['--space', 'lora:r=2', '--optimizer', 'sgd', '--steps', '2', '--trajectory', '1,2'];
  const argv = ['check', '--model', model, ...small, ...flags, '--out', join(root, 'out'), '--json'];
  const { code, stdout } = await runCli(argv);
  expect(code).toBe(0);
  const { findings, optimizers, remarks } = JSON.parse(stdout);
  expect(remarks).toEqual([]);
  expect(findings[0]).toMatchObject({ condition: 'solves', subject: 'SGD, lora:r=2: SGD kernel (lstsq)' });
  expect(findings[0].statistic).toBeGreaterThan(0);
  // B = 0 at first, so that a small step is linear to its square.
  expect(optimizers[0].steps[0].error.relative).toBeLessThan(0.2);
});

it('says that test examples lack a label', async () => {
  const root = await temporaryDirectory();
  const model = await tinyModel(join(root, 'tiny'));
  const flags = ['--optimizer', 'sgd', '--space', 'bitfit', '--steps', '1', '--limit-test', '1'];
  const argv = ['check', '--model', model, ...small, ...flags, '--out', join(root, 'out')];
  const { code, stdout } = await runCli(argv);
  expect(code).toBe(0);
  expect(stdout).toMatch(/2-42: no test example is labelled (positive|negative); --limit-test/);
});

it('refuses bad input with exit code 2', async () => {
  const out = join(await temporaryDirectory(), 'bad');
  const cases: [string[], RegExp][] = [
    [['--optimizer', 'rmsprop'], /sgd, adam/],
    [['--space', 'nonsense'], /nonsense/],
    [['--steps', '4', '--trajectory', '2,9'], /from 1 to 4/],
    [['--sgd-lr', '0'], /a number > 0/],
    [['--task', 'unknown'], /sentiment/],
  ];
  for (const [flags, message] of cases) {
    const { code, stderr } = await runCli(['check', ...small, ...flags, '--out', out]);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  }
});

it('looks at the first step and at two before an eighth, a half and the end', async () => {
  expect(defaultTrajectory(200)).toEqual([1, 24, 25, 99, 100, 199, 200]);
  expect(defaultTrajectory(1)).toEqual([1]);
  expect((await resolveCheck({}, { steps: 40 })).check.trajectory).toEqual([1, 4, 5, 19, 20, 39, 40]);
});
