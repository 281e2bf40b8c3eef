import { existsSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSealedJson } from '@ntk-lens/core';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { beforeAll, expect, it, vi } from 'vitest';
import { editSealed } from '../../testing/edit-sealed.js';
import { runCli } from '../../testing/run-cli.js';
import { unitsName } from '../manifest.js';
import { runWorker } from '../run-worker.js';
import { NoElementError } from './errors.js';
import { runElement } from './run-element.js';
import type { Submitted } from './submit.js';

let root: string;
let model: string;
let planned: string;
beforeAll(async () => {
  root = await temporaryDirectory();
  model = await tinyModel(join(root, 'tiny'));
  planned = join(root, 'planned');
  const argv = ['--model', model, '--shots', '2', '--limit-test', '9', '--formula', 'sgd', '--threads', '1'];
  const plan = ['--out', planned, '--plan-units', '--workers', '3', '--quiet'];
  expect(await runCli(['kernel', ...argv, ...plan])).toMatchObject({ code: 0 });
});

const submit = (out: string, ...more: readonly string[]) =>
  runCli(['submit', '--slurm', '--units', out, '--model', model, '--json', ...more]);
const explain = async (out: string, ...more: readonly string[]): Promise<Submitted> => {
  const { code, stdout, stderr } = await submit(out, '--explain', ...more);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout);
};
const copied = async (name: string): Promise<string> => {
  const out = join(root, name);
  await cp(planned, out, { recursive: true });
  return out;
};
const errorOf = ({ stderr }: { readonly stderr: string }) => JSON.parse(stderr.trim().split('\n').at(-1)!);

it('--explain shows an array of what is left and its assembly, with needs from the plan, and asks SLURM nothing', async () => {
  const out = await copied('explained 50%a');
  await editSealed(join(out, unitsName), (fields) => ({
    ...fields,
    units: (fields['units'] as object[]).map((unit) => ({
      ...{ ...unit, flops: 1e13, repeatedFlops: 0, onceFlops: 2e12, peakBytes: 2 ** 30 },
    })),
  }));
  const comment = `--comment=it's "$(touch pwned)" 50%a`;
  const { jobs, script, left } = await explain(out, '--sbatch', comment, '--qos', 'a b', '--rate', '100');
  expect({ left, script }).toEqual({ left: 3, script: '#!/bin/sh\nexec "$@"\n' });
  const [array, assembly] = jobs.map(({ argv }) => argv);
  // 3 × 12 TFLOP at 100 GFLOP/s are 6 minutes, and 10 more; 1.25 GiB and 512 MiB.
  expect(array).toContain(`--output=${out.replace('%', '%%')}/slurm/worker-%a.log`);
  for (const one of ['--array=0-2', '--time=16', '--mem=1792M', '--qos=a b', '--cpus-per-task=1', comment])
    expect(array).toContain(one);
  expect(array).toContain('--signal=B:USR2@120');
  expect(array!.slice(array!.indexOf('--'))).toEqual([
    ...['--', join(out, 'slurm', 'job.sh'), process.execPath, ...process.execArgv, process.argv[1]],
    ...['worker', '--units', out, '--model', model, '--quiet', '--slurm'],
  ]);
  for (const one of ['--dependency=afterok:ARRAY', '--kill-on-invalid-dep=yes', '--time=60', '--requeue'])
    expect(assembly).toContain(one);
  expect(assembly!.at(-1)).toBe('--assemble');

  await editSealed(join(out, unitsName), (fields) => ({
    ...fields,
    units: (fields['units'] as Record<string, unknown>[]).map(({ flops: _, peakBytes: __, ...unit }) => unit),
  }));
  const uncounted = (await explain(out)).jobs[0]!;
  expect(uncounted.needs).toEqual({ threads: 1, memory: 1.25 * 4096 + 512 });
  expect(uncounted.argv.filter((one) => one.startsWith('--time'))).toEqual([]);
  const { stdout, stderr } = await runCli([
    'submit',
    '--slurm',
    '--units',
    out,
    '--model',
    model,
    '--explain',
  ]);
  expect(stdout).toContain('"--array=0-2"\n');
  expect(stderr).toMatch(/the work of some units is not counted/);
  expect(existsSync(join(out, 'slurm'))).toBe(false);
});

it('only what is missing is submitted; where all looks finished workers verify it, until it was put together', async () => {
  const out = await copied('partly');
  const work = (index: number) => runWorker(out, { index, of: 3, places: { model } });
  await work(1);
  const first = await explain(out);
  expect(first).toMatchObject({ left: 2, jobs: [{ elements: [0, 2] }, {}] });
  expect(first.jobs[0]!.argv).toContain('--array=0,2');
  for (const index of [0, 2]) await work(index);
  expect(await explain(out)).toMatchObject({ left: 0, jobs: [{ elements: [0, 1, 2] }, {}] });
  const assembly = ['worker', '--units', out, '--assemble', '--model', model, '--quiet'];
  expect(await runCli(assembly)).toMatchObject({ code: 0 });
  expect(await explain(out)).toMatchObject({ left: 0, jobs: [] });
});

it.each([
  ['--array=7', 'other than --array'],
  ['--arr=7', 'other than --array'],
  ['--wra=id', 'other than --wrap'],
  ['--o=x', 'other than --open-mode'],
  ['--time=3', 'a flag of its own'],
  ['--m=3', 'a flag of its own'],
  ['-a7', 'a long option'],
  ['--', 'a long option'],
  ['job.sh', 'a long option'],
  ['', 'a long option'],
])('the option %j is not passed to sbatch', async (option, why) => {
  const refused = await submit(planned, '--explain', `--sbatch=${option}`);
  expect(refused.code).toBe(2);
  expect(errorOf(refused)).toMatchObject({ code: 'SBATCH_OPTION', message: expect.stringContaining(why) });
});

it('without SLURM a submission ends with a typed error before any work, and --status shows the units', async () => {
  const out = await copied('without');
  vi.stubEnv('PATH', root);
  try {
    const refused = await submit(out);
    expect(refused.code).toBe(2);
    expect(errorOf(refused)).toMatchObject({
      code: 'SLURM_MISSING',
      message: expect.stringMatching(
        /squeue was not found on the PATH.*apt-get install slurm-wlm.*--workers/,
      ),
    });
    expect(existsSync(join(out, 'slurm'))).toBe(false);
    const record = {
      format: 'ntk-lens-slurm',
      version: 1,
      name: 'ntk-lens-0123456789ab',
      elements: [0],
      array: '7',
    };
    await mkdir(join(out, 'slurm'));
    await writeSealedJson(join(out, 'slurm', 'jobs.json'), record);
    const { stdout } = await runCli(['status', out]);
    expect(stdout).toMatch(/0 of 3 units done.*workers 7.*there is no squeue here/s);
    for (const more of [{ script: '/bin/sh' }, { array: '7 8' }, { name: 'a,b' }, { elements: [-1] }]) {
      await writeSealedJson(join(out, 'slurm', 'jobs.json'), { ...record, ...more });
      expect(errorOf(await submit(out))).toMatchObject({ code: 'DAMAGED_JOBS' });
    }
  } finally {
    vi.unstubAllEnvs();
  }
});

it('bad calls are refused: no --slurm, a model that is not given again, an element outside of SLURM', async () => {
  expect((await runCli(['submit', '--units', planned])).stderr).toMatch(/--slurm/);
  expect((await runCli(['submit', '--slurm', '--units', planned])).stderr).toMatch(/with --model outside/);
  const backslash = await copied('back\\slash %a');
  expect(errorOf(await submit(backslash, '--explain'))).toMatchObject({ code: 'SLURM_PATH' });
  expect((await runCli(['submit', '--slurm', '--units', root])).stderr).toMatch(/has no units\.json/);
  const worker = ['worker', '--units', planned, '--model', model, '--slurm'];
  expect((await runCli(worker)).stderr).toMatch(/Neither SLURM_JOB_ID .* name a share with --index/);
  const both = await runCli([...worker, '--index', '0/1']);
  expect(both.stderr).toMatch(/Give one of --index, --slurm, --redis and --assemble/);
  await expect(runElement(planned, { places: { model }, env: { SLURM_JOB_ID: '7' } })).rejects.toMatchObject({
    code: NoElementError.code,
  });
});
