import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeNpy } from '@ntk-lens/core';
import { runtimeNames } from '@ntk-lens/engine';
import type { BlockIndex } from '@ntk-lens/lens/stored';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ExplainedExperiment } from '../run/explain-experiment.js';
import { runCli } from '../testing/run-cli.js';

let model: string;
let small: readonly string[];
beforeAll(async () => {
  model = await tinyModel(join(await temporaryDirectory(), 'tiny'));
  const machine = ['--runtime', 'ort-cpu', '--threads', '1', '--quiet'];
  small = ['--model', model, '--shots', '2', '--limit-test', '5', ...machine];
});
const newPath = async (): Promise<string> => join(await temporaryDirectory(), 'out');

describe('kernel --explain', () => {
  it('prints a plan whose parts add up, with a prediction, and writes nothing', async () => {
    const out = await newPath();
    const argv = ['kernel', '--explain', '--formula', 'sgd,signgd', '--out', out, ...small];
    const { code, stdout } = await runCli([...argv, '--json']);
    expect(code).toBe(0);
    const { cells, rates, runtime } = JSON.parse(stdout) as ExplainedExperiment;
    expect(cells.map(({ formula }) => formula)).toEqual(['sgd', 'signgd']);
    for (const { plan, predictedSeconds, predictedParts } of cells) {
      const sites = plan.sites.reduce((sum, { flops }) => sum + flops, 0);
      const all = plan.forward.flops + plan.factors.flops + sites + plan.otherContractionFlops;
      expect(Math.abs(all - plan.totalFlops)).toBeLessThanOrEqual(1e-9 * all);
      expect(plan.examples).toMatchObject({ train: 4, queries: 9 });
      // Integers may be faster than float32.
      expect(predictedSeconds).toBeGreaterThan((plan.forward.flops + plan.factors.flops) / rates.products);
      const parts = Object.values(predictedParts).reduce((sum, part) => sum + part, 0);
      expect(predictedSeconds).toBeCloseTo(parts);
    }
    expect(cells[1]!.plan.sites.some(({ methods }) => methods.includes('gradient'))).toBe(true);
    expect(runtime.runtime).toBe('ort-cpu');
    const table = await runCli(argv);
    expect(table.stdout).toMatch(/forward [\d.]+ [TGM]FLOP, factors .*contraction .*in all/);
    expect(table.stdout).toMatch(/computed again: [\d.]+ [TGM]FLOP of the forward pass/);
    expect(table.stdout).toMatch(/the peak memory is about .* within the budget of 4\.00 GiB/);
    expect(existsSync(out)).toBe(false);
  });

  it.each([['--explain'], []])(
    'a budget too small is refused before anything is written %s',
    async (...more) => {
      const out = await newPath();
      const { code, stderr } = await runCli(['kernel', '--memory', '1MB', '--out', out, ...small, ...more]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/found 0 MiB, expected at least \d{3} MiB/);
      expect(existsSync(out)).toBe(false);
    },
  );

  it('no parameter chosen is refused before anything is written', async () => {
    const out = await newPath();
    const { code, stderr } = await runCli(['kernel', '--parameters', '*lora*', '--out', out, ...small]);
    expect([code, existsSync(out)]).toEqual([2, false]);
    expect(stderr).toMatch(/No parameter was chosen/);
  });
});

describe('kernel --blocks', () => {
  const read = async (file: string): Promise<readonly number[]> => [...decodeNpy(await readFile(file)).data];

  it('leaves parts that add up to the whole, by layer and by parameter, beside finished kernels', async () => {
    const out = await newPath();
    const argv = ['kernel', '--formula', 'a-signgd', '--binary', '--out', out, ...small];
    expect((await runCli(argv)).code).toBe(0);
    const before = await readFile(join(out, 'test.npy'));
    for (const level of ['layer', 'parameter']) {
      expect((await runCli([...argv, '--blocks', level])).code).toBe(0);
      const index = JSON.parse(await readFile(join(out, 'blocks', `${level}s.json`), 'utf8')) as BlockIndex;
      expect(index).toMatchObject({ format: 'ntk-lens-blocks', level });
      for (const split of ['train', 'dev', 'test', 'train_flipped', 'test_flipped']) {
        const whole = await read(join(out, `${split}.npy`));
        const sum = whole.map(() => 0);
        for (const { files } of index.blocks) {
          for (const [i, x] of (await read(join(out, 'blocks', files[split]!))).entries()) sum[i]! += x;
        }
        const size = Math.max(...whole.map(Math.abs));
        for (const [i, x] of whole.entries()) expect(Math.abs(sum[i]! - x)).toBeLessThanOrEqual(1e-6 * size);
      }
      const names = index.blocks.map(({ name }) => name);
      if (level === 'layer') expect(names.toSorted()).toEqual(['embeddings', 'head', 'layer.0', 'layer.1']);
      else expect(names).toContain('bert.encoder.layer.0.output.dense.weight');
    }
    expect(await readFile(join(out, 'test.npy'))).toEqual(before);
    expect(await readdir(out)).not.toContain('tiles');
  });

  it('takes names of layers and parameters only', async () => {
    const { code, stderr } = await runCli(['kernel', '--blocks', 'head', ...small]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/one of layer, parameter/);
  });
});

describe('doctor', () => {
  it('lists every runtime: its rate, or why not and how to get it', async () => {
    const { code, stdout } = await runCli(['doctor', '--threads', '1', '--quiet']);
    expect(code).toBe(0);
    for (const name of runtimeNames) expect(stdout).toContain(name);
    expect(stdout).toMatch(/ort-cpu +│ yes +│ +\d+ /);
    expect(stdout).toMatch(/tfjs-node-gpu: .*npm install|tfjs-node-gpu +│ yes/);
    expect(stdout).toMatch(/--runtime auto chooses/);
  });

  it('checks a model: a table of checks, exit code 0 when all pass', async () => {
    const { code, stdout } = await runCli([
      ...['doctor', '--model', model, '--runtime', 'ort-cpu', '--against', 'none'],
      ...['--threads', '1', '--quiet'],
    ]);
    expect(stdout).toMatch(/self-check of tiny: pass/);
    expect(stdout).toMatch(/padding: logits .* pass/);
    expect(stdout).toMatch(/runtimes: logits: skipped \(no second runtime was given\)/);
    expect(code).toBe(0);
  });

  it('an unknown runtime or model is refused', async () => {
    expect((await runCli(['doctor', '--model', model, '--runtime', 'abacus'])).code).toBe(2);
    expect((await runCli(['doctor', '--model', join(model, 'nowhere')])).code).toBe(2);
  });
});
