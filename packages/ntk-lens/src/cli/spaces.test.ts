import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeNpy, type NDArray } from '@ntk-lens/core';
import { johnsonLindenstraussBound, kernelDistance } from '@ntk-lens/subspace';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Experiment } from '../run/experiment.js';
import type { ExplainedExperiment } from '../run/explain-experiment.js';
import { runCli } from '../testing/run-cli.js';

let small: readonly string[];
beforeAll(async () => {
  const model = await tinyModel(join(await temporaryDirectory(), 'tiny'));
  const machine = ['--runtime', 'ort-cpu', '--threads', '1', '--quiet'];
  small = ['--model', model, '--shots', '2', '--limit-test', '5', ...machine];
});
const newPath = async (): Promise<string> => join(await temporaryDirectory(), 'out');
const kernelIn = async (path: string, split = 'train'): Promise<NDArray> =>
  decodeNpy(await readFile(join(path, `${split}.npy`)));
const manifestIn = async (path: string) => JSON.parse(await readFile(join(path, 'manifest.json'), 'utf8'));

/** Runs `kernel` with one set of options and returns its directory. */
const kernel = async (...argv: string[]): Promise<string> => {
  const out = await newPath();
  const { code, stderr } = await runCli(['kernel', ...argv, '--out', out, ...small]);
  expect([code, stderr.replace(/written to .*\n/, '')]).toEqual([0, '']);
  return out;
};

describe('kernels of several spaces', () => {
  it('have a folder each, know their space, and are compared with the kernel of all parameters', async () => {
    const out = await newPath();
    const names = ['full', 'lora:r=2,alpha=8', 'bitfit', 'prefix:3', 'intrinsic:128'];
    const argv = ['kernel', '--space', names.join(','), '--out', out, ...small];
    const { code, stdout } = await runCli([...argv, '--json']);
    expect(code).toBe(0);
    const { cells, config } = JSON.parse(stdout) as Experiment;
    expect(config.spaces).toEqual(names);
    expect((await readdir(out)).filter((name) => name.startsWith('2-42'))).toEqual([
      '2-42-sgd',
      '2-42-sgd-bitfit',
      '2-42-sgd-intrinsic-k=128',
      '2-42-sgd-lora-r=2-alpha=8',
      '2-42-sgd-prefix-tokens=3',
    ]);
    const full = await kernelIn(join(out, '2-42-sgd'));
    for (const { space, directory, distance } of cells) {
      const stored = (await manifestIn(directory)).kernel;
      expect(stored.space).toBe(space?.spec ?? 'full');
      expect(stored.spaceSeed).toBe(space ? 42 : undefined);
      if (!space) continue;
      const { bound, ...found } = distance!;
      expect(found).toEqual(kernelDistance(await kernelIn(directory), full));
      const random = space.name.startsWith('intrinsic');
      const vectors = 2 * 2 * 2;
      expect(bound).toBe(random ? johnsonLindenstraussBound({ dimension: 128, vectors }) : undefined);
      if (random) expect(found.worst!).toBeLessThan(bound!);
      expect(space.startsAtModel).toBe(space.name !== 'prefix:3');
    }
    expect(cells.find(({ space }) => space?.name === 'prefix:3')?.space?.dimension).toBe(2 * 2 * 3 * 8);
    expect(await readdir(out)).toEqual(expect.arrayContaining(['spaces.md', 'spaces.csv', 'spaces.svg']));

    // Their own config.json makes one of them again, and the whole is found finished.
    const lora = join(out, '2-42-sgd-lora-r=2-alpha=8');
    const again = await kernel('--config', join(lora, 'config.json'));
    expect(await readFile(join(again, 'test.npy'))).toEqual(await readFile(join(lora, 'test.npy')));
    const table = await runCli(argv);
    expect(table.stdout.match(/stored before/g)).toHaveLength(names.length);
    expect(table.stdout).toMatch(/│ intrinsic:128 +│ SGD +│ +128 │ +0\.\d{3} │/);
    expect(table.stdout).toMatch(/│ bitfit +│ SGD +│ [\d,]+ │ +[\d.]+ │ +[\d.]+ │ +[\d.]+ │ +– │/);
  });

  it('solved are rows of one table; only a drawn prefix changes zero-shot', async () => {
    const out = await newPath();
    const spaces = ['--space', 'prefix:3,full,lora:r=2', '--formula', 'sgd,signgd'];
    const { code, stdout } = await runCli(['run', ...spaces, '--out', out, ...small]);
    expect(code).toBe(0);
    const methods = [...stdout.matchAll(/^│ ((?:zero-shot|SGD|SignGD)[^│]*?) +│/gm)].map(([, name]) => name);
    expect(methods).toEqual([
      'zero-shot, prefix:3 at its start',
      'zero-shot',
      ...['prefix:3', '', 'lora:r=2'].flatMap((space) =>
        ['SGD', 'SignGD'].map((name) => `${name} kernel${space && `, ${space}`} (lstsq)`),
      ),
    ]);
    expect(await readFile(join(out, 'accuracy.svg'), 'utf8')).toContain('SignGD kernel, lora:r=2');
  });
});

describe('the kernel of a space', () => {
  it('bitfit is that of the parameters named bias', async () => {
    const [space, globs] = [await kernel('--space', 'bitfit'), await kernel('--parameters', '*bias*')];
    expect(await readFile(join(space, 'test.npy'))).toEqual(await readFile(join(globs, 'test.npy')));
  });

  it('of parameters chosen by name is that of the space with fewer targets', async () => {
    const globs = await kernel('--space', 'lora:r=2', '--exclude', '*value*');
    const targets = await kernel('--space', 'lora:r=2,targets=query');
    expect(await readFile(join(globs, 'test.npy'))).toEqual(await readFile(join(targets, 'test.npy')));
  });

  it('depends on the seed that it was drawn with, and says which', async () => {
    const own = await kernel('--space', 'lora:r=2');
    const given = await kernel('--space', 'lora:r=2', '--space-seed', '42');
    const other = await kernel('--space', 'lora:r=2', '--space-seed', '7');
    expect(await readFile(join(given, 'dev.npy'))).toEqual(await readFile(join(own, 'dev.npy')));
    expect(await readFile(join(other, 'dev.npy'))).not.toEqual(await readFile(join(own, 'dev.npy')));
    expect((await manifestIn(other)).kernel.spaceSeed).toBe(7);
    const argv = ['kernel', '--space', 'lora:r=4', '--space-seed', '8', '--out', other, ...small];
    const { code, stderr } = await runCli(argv);
    expect(code).toBe(2);
    expect(stderr).toMatch(/space: there "lora:r=2,alpha=4", here "lora:r=4,alpha=8"/);
    expect(stderr).toMatch(/spaceSeed: there 7, here 8/);
  });

  it('is the sum of its blocks, and has a plan', async () => {
    const out = await kernel('--space', 'lora:r=2', '--blocks', 'layer');
    const blocks = (await readdir(join(out, 'blocks'))).filter((name) => name.endsWith('.dev.npy'));
    const parts = await Promise.all(
      blocks.map(async (name) => decodeNpy(await readFile(join(out, 'blocks', name)))),
    );
    const whole = await kernelIn(out, 'dev');
    for (const [i, x] of whole.data.entries())
      expect(parts.reduce((sum, { data }) => sum + data[i]!, 0)).toBeCloseTo(x, 9);
    const argv = ['kernel', '--space', 'full,lora:r=2', '--explain', '--json', ...small];
    const { stdout, stderr } = await runCli(argv);
    expect(stderr).toBe('');
    const [full, lora] = (JSON.parse(stdout) as ExplainedExperiment).cells;
    expect([full!.space, lora!.space]).toEqual([undefined, 'lora:r=2']);
    expect(lora!.plan.sites.every(({ parameter }) => parameter.includes('lora'))).toBe(true);
  });
});

it.each([
  [['--space', 'nonsense'], /found "nonsense", expected one of full/],
  [['--space', ''], /parameter spaces, such as/],
  [['--space', 'lora:r=2,lora:alpha=4,r=2'], /names one space twice: lora:r=2 and lora:alpha=4,r=2/],
  [['--space', 'lora:r=9'], /r = 9 for .*expected at most 8/],
  [['--space', 'lora:targets=nothing'], /expected names, ends of names or globs of .*query/],
  [['--space', 'intrinsic:99999999'], /k = 99999999, expected at most/],
  [['--space', 'intrinsic:9', '--exclude', '*embed*'], /--space intrinsic:1000,include=/],
  [['--space', 'intrinsic:9', '--blocks', 'layer'], /Leave --blocks out/],
  [['--space', 'intrinsic:9', '--tied'], /tied: found .*projection of gradients/],
  [['--space', 'intrinsic:9', '--explain'], /no plan for the kernel of intrinsic/],
  [['--space', 'lora', '--no-prompt'], /Leave --no-prompt out/],
  [['--space', 'bitfit', '--parameters', '*weight*'], /No parameter was chosen/],
])('%j is refused before anything is written', async (flags, message) => {
  const out = await newPath();
  const { code, stderr } = await runCli(['kernel', ...flags, '--out', out, ...small]);
  expect(stderr).toMatch(message);
  expect([code, existsSync(out)]).toEqual([2, false]);
});
