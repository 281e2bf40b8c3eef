import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { afterEach, expect, it, vi } from 'vitest';
import { runCli } from '../testing/run-cli.js';

afterEach(() => vi.restoreAllMocks());

it('a run is made where the environment says, and its manifest says where its options are from', async () => {
  const folder = await temporaryDirectory();
  const model = await tinyModel(join(folder, 'tiny'));
  const argv = ['kernel', '--model', model, '--shots', '1', '--limit-test', '2', '--quiet', '--json'];
  const env = { NTK_LENS_OUT: folder, NTK_LENS_RUNTIME: 'ort-cpu', NTK_LENS_THREADS: '1' };
  const { code, stdout } = await runCli(argv, env);
  expect(code).toBe(0);
  const { directory } = JSON.parse(stdout);
  expect(directory).toMatch(new RegExp(`^${folder}/runs/sentiment-1shot-`));
  const read = async (path: string, name: string) => JSON.parse(await readFile(join(path, name), 'utf8'));
  const { sources, kernel } = await read(directory, 'manifest.json');
  expect(sources).toEqual({
    ...{ model: 'flag', shots: 'flag', limitTest: 'flag' },
    ...{ runtime: 'environment', threads: 'environment' },
  });
  const config = await read(directory, 'config.json');
  expect(config).toMatchObject({ runtime: 'ort-cpu', threads: 1 });
  expect(config).not.toHaveProperty('sources');

  const again = join(folder, 'again');
  const replay = ['kernel', '--config', join(directory, 'config.json'), '--out', again, '--quiet', '--json'];
  expect(await runCli(replay)).toMatchObject({ code: 0 });
  expect(await read(again, 'config.json')).toEqual(config);
  const replayed = await read(again, 'manifest.json');
  expect(replayed.kernel).toEqual(kernel);
  expect(new Set(Object.values(replayed.sources))).toEqual(new Set(['config']));
});

it('a project file gives what the command line and the environment do not, and the manifest says so', async () => {
  const folder = await temporaryDirectory();
  const model = await tinyModel(join(folder, 'tiny'));
  const options = {
    model: 'tiny',
    shots: [1],
    limitTest: 2,
    threads: 1,
    runtime: 'tfjs-cpu',
    out: 'results',
  };
  await writeFile(join(folder, 'ntk-lens.json'), JSON.stringify(options));
  vi.spyOn(process, 'cwd').mockReturnValue(folder);
  const env = { NTK_LENS_RUNTIME: 'ort-cpu' };
  const { code, stdout, stderr } = await runCli(['kernel', '--seeds', '7'], env);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/│ +7 │/)]);
  expect(stderr).toMatch(/^options from .*ntk-lens\.json; --no-config ignores it\n/);
  const [name] = await readdir(join(folder, 'results', 'runs'));
  const read = async (file: string) =>
    JSON.parse(await readFile(join(folder, 'results', 'runs', name!, file), 'utf8'));
  expect((await read('manifest.json')).sources).toEqual({
    ...{ seeds: 'flag', runtime: 'environment' },
    ...{ model: 'project', shots: 'project', limitTest: 'project', threads: 'project' },
  });
  expect(await read('config.json')).toMatchObject({ model, shots: [1], runtime: 'ort-cpu' });
});

it('so do the manifests of a fine-tuning, and of the kernels and trainings of a check', async () => {
  const folder = await temporaryDirectory();
  const model = await tinyModel(join(folder, 'tiny'));
  const out = join(folder, 'out');
  const common = [
    '--model',
    model,
    '--shots',
    '1',
    '--limit-test',
    '2',
    '--steps',
    '2',
    '--out',
    out,
    '--quiet',
  ];
  const env = { NTK_LENS_RUNTIME: 'ort-cpu', NTK_LENS_THREADS: '1' };
  const manifest = async (...path: string[]) =>
    JSON.parse(await readFile(join(out, ...path, 'manifest.json'), 'utf8')).sources;
  const sources = {
    ...{ model: 'flag', shots: 'flag', limitTest: 'flag', steps: 'flag' },
    ...{ runtime: 'environment', threads: 'environment' },
  };
  expect(await runCli(['finetune', '--space', 'head', ...common], env)).toMatchObject({ code: 0 });
  expect(await manifest()).toEqual({ ...sources, space: 'flag' });

  const check = [
    'check',
    '--optimizer',
    'sgd',
    '--trajectory',
    '1',
    '--early-steps',
    '1',
    ...common,
    '--force',
  ];
  expect(await runCli(check, env)).toMatchObject({ code: 0 });
  const checked = { ...sources, optimizers: 'flag', trajectory: 'flag', earlySteps: 'flag' };
  const { config } = JSON.parse(await readFile(join(out, 'findings.json'), 'utf8'));
  for (const found of [
    config.run.sources,
    await manifest('1-42', 'kernel-sgd'),
    await manifest('1-42', 'finetune-sgd'),
  ])
    expect(found).toEqual(checked);
});
