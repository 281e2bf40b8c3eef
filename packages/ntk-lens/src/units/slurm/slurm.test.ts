import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { lockedDirectory, lockName, type SlurmJob } from '@ntk-lens/core';
import { sampled } from '@ntk-lens/testing/sampled';
import { hasSlurm, type SlurmCluster, startSlurm } from '@ntk-lens/testing/slurm-cluster';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bundleProgram } from '../../testing/bundle-program.js';
import { cellArgv, cellCommands } from '../../testing/cell-commands.js';
import { comparableFiles } from '../../testing/kills/compare-files.js';
import { spawnProgram } from '../../testing/spawn-program.js';
import { readUnits } from '../manifest.js';
import { shareOf } from '../share.js';
import { unitsStatus } from '../status.js';
import { slurmStatus } from './status.js';

const slowTiles = fileURLToPath(new URL('../../testing/slow-tiles.mjs', import.meta.url));

/** A name that a shell would take apart. */
const odd = `it's "$(touch pwned)" 50%a`;

describe.skipIf(!hasSlurm)('on SLURM, with two nodes', () => {
  let root: string;
  let model: string;
  let program: string;
  let cluster: SlurmCluster;
  let alone: string;
  /** Two workers; a node is killed under one of them. */
  let out: string;
  /** The same work; one worker's time ends, and the other is preempted. */
  let stopped: string;

  /** Every unit takes long enough for a test to stop it half-way. */
  const call = (...argv: readonly string[]) =>
    spawnProgram(program, argv, { flags: ['--import', slowTiles], env: { TILE_MS: '1500' } });
  const slurm = async (tool: string, ...argv: readonly string[]): Promise<string> =>
    (await promisify(execFile)(tool, argv)).stdout.trim();
  const submit = async (directory: string, ...more: readonly string[]) => {
    const given = ['--units', directory, '--model', model, '--mem', '1G', '--json', ...more];
    const { code, stdout, stderr } = await call('submit', '--slurm', ...given);
    if (code === 0) return { jobs: JSON.parse(stdout).jobs, error: undefined };
    return { jobs: undefined, error: JSON.parse(stderr.trim().split('\n').at(-1)!) };
  };
  const jobsOf = async (directory: string): Promise<readonly SlurmJob[]> =>
    (await slurmStatus(directory))!.jobs!;
  const worker = async (directory: string, element: number): Promise<SlurmJob> =>
    (await jobsOf(directory)).find((job) => job.element === element)!;
  const logOf = (directory: string, name: string) =>
    readFile(join(directory, 'slurm', `${name}.log`), 'utf8').catch(() => '');
  const until = async <T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> => {
    for (const start = performance.now(); performance.now() - start < 150_000; ) {
      const found = await look();
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`${what}: it did not come about within 150 s.\n${await slurm('squeue', '--states=all')}`);
  };
  const ended = (directory: string) =>
    until('the assembly', async () => {
      const jobs = await jobsOf(directory);
      const last = jobs.find(({ element }) => element === undefined)?.state;
      return last !== undefined && /COMPLETED|FAILED|CANCELLED|TIMEOUT/.test(last) && jobs;
    });
  /** The units of a worker, by whether they are finished. */
  const unitsOf = async (directory: string, index: number) => {
    const { units } = await unitsStatus(directory);
    const share = shareOf((await readUnits(directory)).units, { index, of: 2 }).map((unit) => units[unit]!);
    return {
      done: share.filter(({ state }) => state === 'done').map(({ name }) => name),
      running: share.filter(({ state }) => state === 'running'),
      left: share.filter(({ state }) => state !== 'done').length,
    };
  };

  beforeAll(async () => {
    root = await temporaryDirectory();
    model = await tinyModel(join(root, `model ${odd}`));
    program = await bundleProgram(join(root, 'program'));
    [alone, out, stopped] = [join(root, 'alone'), join(root, `out ${odd}`), join(root, 'stopped')];
    const kernel = [
      ...['kernel', '--model', model, '--shots', '2', '--limit-test', '9', '--seeds', '13,21'],
      ...['--formula', 'sgd,cosine', '--threads', '1', '--quiet', '--out', alone],
    ];
    cluster = await startSlurm(join(root, 'cluster'));
    process.env['SLURM_CONF'] = cluster.conf;
    expect(await call(...kernel, '--plan-units', '--workers', '2')).toMatchObject({ code: 0 });
    for (const directory of [out, stopped]) await cp(alone, directory, { recursive: true });
    expect(await spawnProgram(program, kernel)).toMatchObject({ code: 0 });
  }, 300_000);
  const { SLURM_CONF } = process.env;
  afterAll(async () => {
    if (SLURM_CONF === undefined) delete process.env['SLURM_CONF'];
    else process.env['SLURM_CONF'] = SLURM_CONF;
    await cluster?.stop();
  });

  const expectWhole = async (directory: string, whole = alone) => {
    const own = (name: string): boolean => !name.startsWith('slurm/');
    expect(await comparableFiles(directory, own)).toEqual(await comparableFiles(whole));
    expect((await submit(directory)).jobs).toEqual([]);
    for (const folder of [root, directory, join(directory, 'slurm')])
      expect(existsSync(join(folder, 'pwned'))).toBe(false);
  };

  it("sbatch's refusals have its own words, and nothing is submitted", async () => {
    const partition = await submit(out, '--partition', 'nowhere');
    expect(partition.error).toMatchObject({
      code: 'SLURM_REFUSED',
      message: expect.stringMatching(/invalid partition specified: nowhere.*Nothing was submitted/s),
    });
    const memory = await submit(out, '--mem', '900G');
    expect(memory.error.message).toMatch(/Memory specification can not be satisfied/);
    expect(await slurm('squeue', '--noheader', '--states=PENDING,RUNNING')).toBe('');
    expect((await unitsStatus(out)).counts).toMatchObject({ done: 0, running: 0 });
  });

  it('a killed node, the end of a time limit and a preemption lose nothing, and leave the bytes of one process', async () => {
    const { jobs } = await submit(
      out,
      '--partition',
      'main',
      '--sbatch',
      `--comment=${odd}`,
      '--time',
      '1:00:00',
    );
    const [array, assembly] = jobs;
    expect(array.elements).toEqual([0, 1]);
    const shown = await slurm('scontrol', 'show', 'job', assembly.id);
    expect(shown).toContain(`Comment=${odd}`);
    expect(shown).toMatch(new RegExp(`Dependency=afterok:${array.id}`));
    expect(shown).toMatch(/TimeLimit=01:00:00/);

    // The node of a worker that has finished a unit, and computes another one.
    const index = await until('a unit is finished', async () => {
      for (const own of [0, 1]) {
        const { done, left } = await unitsOf(out, own);
        if (done.length > 0 && left > 0) return `${own}`;
      }
      return undefined;
    });
    const lost = await slurm('squeue', '--noheader', `--jobs=${array.id}_${index}`, '--Format=NodeList:20');
    cluster.killNode(lost);
    const { done: finished } = await unitsOf(out, Number(index));
    expect(finished.length).toBeGreaterThan(0);
    const second = await submit(out);
    expect(second.error).toMatchObject({
      code: 'JOBS_RUNNING',
      message: expect.stringMatching(new RegExp(`scancel ${array.id} ${assembly.id}"`)),
    });

    expect((await call('status', out)).stdout).toMatch(/units done.*SLURM: workers \d+.*RUNNING/s);

    // Until SLURM counts that node as down, the other one has the work of another directory.
    const [other] = (await submit(stopped)).jobs;
    const node = cluster.nodes.find((name) => name !== lost)!;
    const began = (element: number) =>
      until(`worker ${element} works`, async () => (await unitsOf(stopped, element)).running.length > 0);
    await began(0);
    await slurm('scancel', '--signal=USR2', '--batch', `${other.id}_0`);
    await began(1);
    await slurm(
      'sbatch',
      '--partition=urgent',
      `--nodelist=${node}`,
      '--output=/dev/null',
      '--wrap=sleep 0.1',
    );
    await until('worker 1 is preempted', async () => (await worker(stopped, 1)).restarts > 0);
    expect((await worker(stopped, 0)).restarts).toBeGreaterThan(0);

    expect((await ended(stopped)).map(({ state }) => state)).toEqual(['COMPLETED', 'COMPLETED', 'COMPLETED']);
    expect(await logOf(stopped, 'worker-0')).toMatch(/The job was put back into the queue.*computed/s);
    expect(await logOf(stopped, 'worker-1')).toMatch(/PREEMPTION/);
    expect(await logOf(stopped, 'worker-1')).toMatch(/was cancelled\. Finished parts are kept.*computed/s);
    await expectWhole(stopped);

    expect((await ended(out)).map(({ state }) => state)).toEqual(['COMPLETED', 'COMPLETED', 'COMPLETED']);
    expect((await worker(out, Number(index))).restarts).toBeGreaterThan(0);
    const log = await logOf(out, `worker-${index}`);
    for (const name of finished) expect(log).toMatch(new RegExp(`${name} .*finished before`));
    await expectWhole(out);
  }, 480_000);

  it.each(sampled(cellCommands, 1))(
    'units of %s are elements of an array, and leave the bytes of one process',
    async (name, options) => {
      const [own, whole] = [join(root, name), join(root, `${name} alone`)];
      const argv = cellArgv(model, [name, options]);
      const plan = await call(...argv, '--out', own, '--plan-units', '--workers', '2');
      expect(plan).toMatchObject({ code: 0 });
      await cp(own, whole, { recursive: true });
      const [array] = (await submit(own)).jobs;
      expect(array.elements).toEqual([0, 1]);
      expect(await spawnProgram(program, [...argv, '--out', whole])).toMatchObject({ code: 0 });
      expect((await ended(own)).map(({ state }) => state)).toEqual(['COMPLETED', 'COMPLETED', 'COMPLETED']);
      for (const element of [0, 1]) expect(await logOf(own, `worker-${element}`)).toMatch(/computed/);
      await expectWhole(own, whole);
    },
    300_000,
  );

  it('a lock of another host is taken over once SLURM says that its job has ended, and not before', async () => {
    const folder = join(root, 'locked');
    await mkdir(folder);
    const job = await slurm('sbatch', '--parsable', '--output=/dev/null', '--wrap=sleep 60');
    await until(
      'the job runs',
      async () => (await slurm('squeue', '-h', '--jobs', job, '-o', '%T')) === 'RUNNING',
    );
    const lock = (own: object, restart = 0) =>
      writeFile(
        join(folder, lockName),
        JSON.stringify({
          ...{ pid: 1, host: `not ${hostname()}`, started: '', since: '2026-01-02T03:04:05.000Z' },
          slurm: { cluster: 'tiny', job, restart, ...own },
        }),
      );
    const work = () => lockedDirectory(folder, async () => 'done');
    // It hides jobs from squeue, which must not count as their end.
    vi.stubEnv('SQUEUE_PARTITION', 'urgent');
    try {
      await lock({});
      await expect(work()).rejects.toMatchObject({
        code: 'DIRECTORY_IN_USE',
        message: expect.stringContaining(`of the SLURM job ${job}`),
      });
      await slurm('scancel', job);
      await until('the job ends', async () =>
        /JobState=CANCELLED /.test(await slurm('scontrol', 'show', 'job', job)),
      );
      expect(await work()).toBe('done');
      // SLURM has never known, or no longer knows, this one.
      await lock({ job: '999999' });
      expect(await work()).toBe('done');
      await lock({ cluster: 'another' });
      await expect(work()).rejects.toMatchObject({ code: 'DIRECTORY_IN_USE' });
      vi.stubEnv('PATH', root);
      await lock({});
      await expect(work()).rejects.toMatchObject({ code: 'DIRECTORY_IN_USE' });
    } finally {
      vi.unstubAllEnvs();
    }
  });
});
