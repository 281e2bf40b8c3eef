import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../testing/run-cli.js';
import { resolveFineTune } from './resolve-fine-tune.js';

let small: readonly string[];
let onModel: readonly string[];
beforeAll(async () => {
  const model = await tinyModel(join(await temporaryDirectory(), 'tiny'));
  onModel = ['--model', model, '--shots', '2', '--limit-test', '6', '--quiet', '--threads', '1'];
  small = ['finetune', ...onModel];
});

/** Of a RoBERTa model. */
const stranger = fileURLToPath(
  new URL('../../../../subspace/fixtures/adapters/roberta-lora', import.meta.url),
);

describe('ntk-lens finetune', () => {
  it('trains an adapter on a grid, tests what dev chose, and is replayed by its config.json', async () => {
    const out = join(await temporaryDirectory(), 'first');
    const training = ['--space', 'lora:r=2', '--optimizer', 'adam', '--lr', '1e-4,1e-3', '--batch', '4'];
    const argv = [...small, ...training, '--steps', '3', '--trajectory', '0,3', '--json'];
    const { code, stdout, stderr } = await runCli([...argv, '--out', out]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const experiment = JSON.parse(stdout);
    expect(JSON.parse(await readFile(join(out, 'metrics.json'), 'utf8'))).toEqual(experiment);
    const report = await readFile(join(out, 'report.html'), 'utf8');
    for (const title of ['Loss along fine-tuning', 'Score along fine-tuning'])
      expect(report).toContain(`>${title}</title>`);
    expect((await runCli(['report', out])).code).toBe(0);
    expect(await readFile(join(out, 'report.html'), 'utf8')).toBe(report);
    const [sample] = experiment.samples;
    expect(sample.grid.map(({ learningRate }: { learningRate: number }) => learningRate)).toEqual([
      1e-4, 1e-3,
    ]);
    expect(sample.grid[sample.chosen].dev).toBe(
      Math.max(...sample.grid.map(({ dev }: { dev: number }) => dev)),
    );
    expect(sample.grid[sample.chosen].dev).toBe(sample.tuned.dev.accuracy);
    expect(sample.grid[0].history[0].dev.score).toBe(sample.zeroShot.dev.accuracy);
    expect((await readdir(sample.written)).sort()).toEqual([
      'adapter_config.json',
      'adapter_model.safetensors',
      'ntk-lens-files.json',
    ]);
    expect(await readdir(join(sample.directory, 'lr-0.001-batch-4', 'trajectory'))).toEqual([
      'step-000000.safetensors',
      'step-000003.safetensors',
    ]);

    const second = join(await temporaryDirectory(), 'second');
    const config = join(out, 'config.json');
    const replay = await runCli(['finetune', '--config', config, '--out', second, '--quiet', '--json']);
    const [replayed] = JSON.parse(replay.stdout).samples;
    expect(replayed.tuned).toEqual(sample.tuned);
    for (const file of ['adapter_config.json', 'adapter_model.safetensors'])
      expect(await readFile(join(replayed.written, file))).toEqual(
        await readFile(join(sample.written, file)),
      );
  });

  it('leaves an adapter that is a space: kernels are taken there, and training goes on from there', async () => {
    const parent = await temporaryDirectory();
    const [first, more, kernels] = ['first', 'more', 'kernels'].map((name) => join(parent, name));
    const training = ['--lr', '1e-1', '--optimizer', 'adam', '--steps', '2', '--json'];
    const tune = async (space: string, out: string) =>
      JSON.parse((await runCli([...small, '--space', space, ...training, '--out', out])).stdout).samples[0];
    const { tuned, written, grid } = await tune('lora:r=2', first!);
    const adapter = `adapter:${written}`;
    const argv = ['run', '--space', `full,${adapter}`, ...onModel, '--json', '--out', kernels!];
    const { cells } = JSON.parse((await runCli(argv)).stdout);
    expect(cells[1].scores.zeroShot).toEqual(tuned);
    expect(cells[1].space).toMatchObject({ name: adapter, startsAtModel: false, dimension: 128 });
    expect(cells[1].distance.relative).toBeGreaterThan(0);

    const resumed = await tune(adapter, more!);
    expect(resumed.zeroShot).toEqual(tuned);
    const [{ step, history }] = grid;
    const lossAt = (at: number) => history.find((entry: { step: number }) => entry.step === at).dev.loss;
    expect(resumed.grid[0].history[0].dev.loss).toBeCloseTo(lossAt(step), 5);
    expect(Math.abs(lossAt(0) - lossAt(step))).toBeGreaterThan(1e-3);
    expect(resumed.dimension).toBe(128);
    // Another adapter under the same path is another run.
    await cp(resumed.written, written, { recursive: true, force: true });
    const other = await runCli([
      'kernel',
      '--space',
      adapter,
      ...onModel,
      '--out',
      join(kernels!, '2-42-sgd'),
    ]);
    expect([other.code, other.stderr]).toEqual([2, expect.stringMatching(/space: there "full"/)]);
    const moved = await runCli([...argv.filter((flag) => flag !== '--json')]);
    expect(moved.code).toBe(0);
    expect((await readdir(kernels!)).filter((name) => name.includes('-adapter-'))).toHaveLength(2);
  });

  it('writes a model where its own parameters moved, with a classifier beside in standard mode', async () => {
    const out = join(await temporaryDirectory(), 'standard');
    const training = ['--space', 'bitfit', '--standard', 'random', '--steps', '2', '--lr', '1e-3'];
    const { code, stdout } = await runCli([...small, ...training, '--out', out]);
    expect(code).toBe(0);
    expect(stdout).toContain('sentiment, bitfit, sgd');
    expect((await readdir(join(out, 'training'))).sort()).toEqual([
      'classifier.safetensors',
      'lr-0.001-batch-8',
      'model',
    ]);
    expect(await readdir(join(out, 'training', 'model'))).toContain('config.json');
  });

  it('refuses bad input with exit code 2', async () => {
    const out = join(await temporaryDirectory(), 'bad');
    const cases: [string[], RegExp][] = [
      [['--space', 'lora:r=9999'], /9999/],
      [['--space', 'nonsense'], /nonsense/],
      [['--space', 'adapter:nowhere'], /nowhere: found no adapter_config.json/],
      [['--space', `adapter:${stranger}`], /tensor "base_model.model.roberta.*another model or space/],
      [['--optimizer', 'rmsprop'], /sgd/],
      [['--lr', '0'], /number > 0/],
      [['--lr', '1e-3,1e-3'], /twice/],
      [['--task', 'unknown'], /sentiment/],
      [['--steps', '4', '--warm-up', '9'], /--warm-up/],
      [['--standard', 'bayes'], /random/],
    ];
    for (const [flags, message] of cases) {
      const { code, stderr } = await runCli([...small, ...flags, '--out', out]);
      expect(stderr).toMatch(message);
      expect([code, existsSync(out)]).toEqual([2, false]);
    }
  });

  it.each([
    ['one label', 'fine\t1\ngood\t1\n', /found 2 examples, all of label 1, expected .*different labels/],
    ['nothing', '', /An example in the dev set is not there/],
  ])('refuses a development set of %s before anything is written', async (_, rows, message) => {
    const data = await temporaryDirectory();
    const sample = join(data, 'SST-2', '2-42');
    await mkdir(sample, { recursive: true });
    const file = (text: string) => `sentence\tlabel\n${text}`;
    await writeFile(join(sample, 'train.tsv'), file('bad\t0\nfine\t1\n'));
    await writeFile(join(sample, 'dev.tsv'), file(rows));
    await writeFile(join(sample, 'test.tsv'), file('dull\t0\n'));
    const out = join(await temporaryDirectory(), 'bad');
    const argv = [...small, '--task', 'SST-2', '--data', data, '--seeds', '42', '--out', out];
    const { code, stderr } = await runCli(argv);
    expect(stderr).toMatch(message);
    expect([code, existsSync(out)]).toEqual([2, false]);
  });

  it('refuses a directory of another training or run, which stays as it is, and takes more rates', async () => {
    const out = join(await temporaryDirectory(), 'first');
    const training = ['--space', 'bitfit', '--steps', '1', '--lr', '1e-3', '--out', out];
    expect((await runCli([...small, ...training])).code).toBe(0);
    const files = ['config.json', 'manifest.json', 'metrics.json'];
    const bytes = () => Promise.all(files.map((name) => readFile(join(out, name), 'utf8')));
    const before = await bytes();
    const other = await runCli([...small, ...training, '--space', 'head', '--steps', '2']);
    expect(other.stderr).toMatch(/space: there "bitfit", here "head"\n {2}steps: there 1, here 2\n/);
    const kernel = await runCli(['kernel', ...onModel, '--out', out]);
    expect(kernel.stderr).toMatch(/kind: there "finetune", here "kernel"/);
    expect([other.code, kernel.code]).toEqual([2, 2]);
    expect(await bytes()).toEqual(before);
    const more = await runCli([...small, ...training, '--lr', '1e-3,1e-2', '--json']);
    expect(JSON.parse(more.stdout).samples[0].grid).toHaveLength(2);
  });

  it('says at which step every rate diverged, with exit code 1', async () => {
    const out = join(await temporaryDirectory(), 'diverged');
    const training = ['--steps', '4', '--lr', '1e38', '--no-clip', '--out', out];
    const { code, stderr } = await runCli([...small, ...training]);
    expect(stderr).toMatch(/Training diverged at step \d/);
    expect(code).toBe(1);
  });
});

it('settings are the protocol grid where none are given, and a rate that fits the optimizer', async () => {
  expect((await resolveFineTune({}, {}, false)).training).toMatchObject({
    optimizer: 'sgd',
    learningRates: [1e-3],
  });
  expect((await resolveFineTune({}, { optimizer: 'adam' }, false)).training.learningRates).toEqual([2e-5]);
  const grid = await resolveFineTune({}, { optimizer: 'adam', batchSizes: [4] }, true);
  expect(grid.training).toMatchObject({ learningRates: [1e-5, 2e-5, 5e-5], batchSizes: [4] });
});

it('another task than that of a config.json takes its own template and words', async () => {
  const file = join(await temporaryDirectory(), 'config.json');
  const run = { task: 'sentiment', template: '*cls**sent_0*_So*mask*.*sep+*', mapping: { negative: 'bad' } };
  await writeFile(file, JSON.stringify({ run, training: { steps: 5 } }));
  const same = await resolveFineTune({}, {}, false, file);
  expect(same.run).toMatchObject(run);
  expect(same.training.steps).toBe(5);
  const other = await resolveFineTune({ task: 'topic' }, {}, false, file);
  expect(other.run.task).toBe('topic');
  expect(other.run.template).toBeUndefined();
  expect(other.run.mapping).toBeUndefined();
});
