import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, hasRedis, type RedisServer, startRedis } from '@ntk-lens/testing/redis-server';
import { sampled } from '@ntk-lens/testing/sampled';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleProgram } from '../../testing/bundle-program.js';
import { cellArgv, cellCommands } from '../../testing/cell-commands.js';
import { comparableFiles } from '../../testing/kills/compare-files.js';
import { runCli } from '../../testing/run-cli.js';
import { spawnProgram } from '../../testing/spawn-program.js';
import { readUnits } from '../manifest.js';
import { unitsStatus } from '../status.js';

const password = 'hidden';
const env = { NTK_LENS_REDIS_PASSWORD: password };
let root: string;
let model: string;
/** A directory in which units are planned. */
let planned: string;
let argv: readonly string[];
let program: string;
let redis: RedisServer;
let address: string;

beforeAll(async () => {
  root = await temporaryDirectory();
  model = await tinyModel(join(root, 'tiny'));
  argv = [
    ...['--model', model, '--shots', '2', '--limit-test', '9', '--formula', 'sgd,cosine', '--threads', '1'],
    ...['--runtime', 'ort-cpu', '--quiet'],
  ];
  planned = join(root, 'planned');
  expect(await runCli(['run', ...argv, '--out', planned, '--plan-units', '--workers', '6'])).toMatchObject({
    code: 0,
  });
  if (!hasRedis) return;
  program = await bundleProgram(join(root, 'program'));
  await mkdir(join(root, 'redis'));
  redis = await startRedis(join(root, 'redis'), { password });
  address = `redis://127.0.0.1:${redis.port}`;
});
afterAll(() => redis?.kill());

const copied = async (name: string): Promise<string> => {
  const out = join(root, name);
  await cp(planned, out, { recursive: true });
  return out;
};
const workerArgv = (out: string, own: readonly string[] = []): readonly string[] => [
  ...['worker', '--units', out, '--redis', address, '--model', model, '--lease', '10', ...own],
];

it('a queue that cannot be reached is named before any work, and so are options that exclude each other', async () => {
  const out = await copied('nowhere');
  const nowhere = ['--redis', `redis://127.0.0.1:${await freePort()}`];
  for (const line of [['enqueue'], ['worker', '--model', model]]) {
    const { code, stderr } = await runCli([...line, '--units', out, ...nowhere], env);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/apt-get install redis-server/),
    });
    expect(stderr).not.toContain(password);
  }
  const both = await runCli(['worker', '--units', out, '--index', '0/1', ...nowhere], env);
  expect(both).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/--index, --slurm, --redis and --assemble/),
  });
  for (const share of [['--index', '0/1'], ['--slurm']]) {
    const stored = await runCli(['worker', '--units', out, ...share, '--store', 's3://bucket/place']);
    expect(stored).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--store needs a queue\..*Give --redis/),
    });
  }
  expect((await unitsStatus(out)).counts.done).toBe(0);
});

it('a program that lacks the package of the queue says how to get it, before any work', async () => {
  const out = await copied('lacking');
  const program = await bundleProgram(join(root, 'lacking-program'), [
    '@ntk-lens/queue',
    '@ntk-lens/queue/s3',
  ]);
  const places = ['--units', out, '--redis', 'redis://127.0.0.1:1'];
  const store = ['worker', '--units', out, '--assemble', '--store', 's3://bucket/place'];
  for (const line of [['enqueue', ...places], ['worker', ...places, '--model', model], store]) {
    const { code, stdout, stderr } = await spawnProgram(program, [...line, '--json']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(JSON.parse(stderr)).toMatchObject({
      ...{ code: 'MISSING_PACKAGE', kind: 'input' },
      message: expect.stringMatching(/needs the package @ntk-lens\/queue.*npm install @ntk-lens\/queue$/),
    });
  }
  // A program that has no queue computes a share.
  const share = ['worker', '--units', out, '--index', '0', '--model', model, '--json'];
  expect(await spawnProgram(program, share)).toMatchObject({ code: 0 });
});

it.runIf(hasRedis)(
  'workers of a queue, one of which and whose Redis are killed, leave the bytes of one process',
  async () => {
    const alone = await copied('alone');
    expect(await runCli(['run', ...argv, '--out', alone])).toMatchObject({ code: 0 });

    const shared = await copied('shared');
    const { units } = await readUnits(shared);
    const put = await runCli(['enqueue', '--units', shared, '--redis', address, '--json'], env);
    expect(JSON.parse(put.stdout)).toMatchObject({ done: [], left: units.map((_, unit) => unit) });

    // The process is killed when its first units are finished, while it computes another one.
    const killed = await spawnProgram(program, workerArgv(shared, ['--json']), {
      env,
      onStderr: (text, child) => {
        if (/"phase":"\S+ sum-1 /.test(text)) child.kill('SIGKILL');
      },
    });
    expect(killed).toMatchObject({ signal: 'SIGKILL' });
    const before = (await unitsStatus(shared)).counts.done;
    expect(before).toBeGreaterThan(0);

    // Redis is killed while another worker computes, and starts again with what is on its disk.
    let restarted: Promise<void> | undefined;
    const second = await spawnProgram(program, workerArgv(shared, ['--json']), {
      env,
      onStderr: (text) => {
        if (/"phase":"\S+ sum-\d /.test(text)) restarted ??= redis.restart();
      },
    });
    await restarted;
    expect(second).toMatchObject({ code: 0 });
    expect(JSON.parse(second.stdout).computed).toHaveLength(units.length - before);
    expect((await unitsStatus(shared)).counts.done).toBe(units.length);

    const assembled = await runCli(['worker', '--units', shared, '--assemble', '--model', model]);
    expect(assembled).toMatchObject({ code: 0 });
    expect(await comparableFiles(shared)).toEqual(await comparableFiles(alone));
  },
  300_000,
);

it.runIf(hasRedis).each(sampled(cellCommands, 1))(
  'units of %s that a queue hands out to two workers leave the bytes of one process',
  async (name, options) => {
    const line = cellArgv(model, [name, options]);
    const [alone, shared] = [join(root, `${name}-alone`), join(root, `${name}-shared`)];
    const plan = await runCli([...line, '--out', shared, '--plan-units', '--workers', '2']);
    expect(plan).toMatchObject({ code: 0 });
    await cp(shared, alone, { recursive: true });
    const { units } = await readUnits(shared);
    expect(units.length).toBeGreaterThan(1);
    const put = await runCli(['enqueue', '--units', shared, '--redis', address, '--json'], env);
    expect(JSON.parse(put.stdout).left).toHaveLength(units.length);
    const work = () => spawnProgram(program, workerArgv(shared, ['--json']), { env });
    const [one, other] = await Promise.all([work(), work()]);
    expect([one.code, other.code]).toEqual([0, 0]);
    // Nothing is computed by both.
    const computed = [one, other].flatMap(({ stdout }) => JSON.parse(stdout).computed);
    expect(computed.sort()).toEqual(units.map((unit) => unit.name).sort());
    expect(await runCli(['worker', '--units', shared, '--assemble', '--model', model])).toMatchObject({
      code: 0,
    });
    expect(await runCli([...line, '--out', alone])).toMatchObject({ code: 0 });
    expect(await comparableFiles(shared)).toEqual(await comparableFiles(alone));
  },
  300_000,
);

it.runIf(hasRedis)(
  'SIGTERM gives the unit of a worker back, and the next one need not wait for its lease',
  async () => {
    const out = await copied('terminated');
    const { units } = await readUnits(out);
    // Nothing that a worker holds is taken from it for a day.
    const line = [...workerArgv(out).slice(0, -1), '86400', '--json'];
    let sent = false;
    const first = await spawnProgram(program, line, {
      env,
      onStderr: (text, child) => {
        if (sent || !/"phase":"\S+ sum-0 /.test(text)) return;
        sent = true;
        child.kill('SIGTERM');
      },
    });
    expect(first).toMatchObject({ code: 130, signal: null, stdout: '' });
    expect(first.stderr).toContain(
      'Stopping at the next safe point. The unit at hand goes back into the queue.',
    );
    expect(JSON.parse(first.stderr.trim().split('\n').at(-1)!)).toMatchObject({ code: 'CANCELLED' });
    const { counts } = await unitsStatus(out);
    expect(counts).toMatchObject({ running: 0, failed: 0 });
    expect(counts.left).toBeGreaterThan(0);

    const second = await spawnProgram(program, line, { env });
    expect(second).toMatchObject({ code: 0 });
    expect((await unitsStatus(out)).counts.done).toBe(units.length);
  },
  300_000,
);

it.runIf(hasRedis)(
  'a unit that fails three times is named with its error, and the rest finishes',
  async () => {
    const out = await copied('failing');
    const { units } = await readUnits(out);
    const bad = units.findIndex(({ part }) => part !== undefined);
    const { folder, part, name } = units[bad]!;
    // A directory stands where a file belongs. The other tests have the same manifest, and queues of their own.
    await mkdir(join(out, folder, 'tiles', `${part!.tiles[0]}-0.npy`, 'full'), { recursive: true });
    const { code, stderr } = await runCli(workerArgv(out, ['--quiet']), env);
    expect(code).toBe(1);
    expect(stderr).toContain(`${name}, 3 times:`);
    expect(stderr).not.toContain(root);
    const { counts } = await unitsStatus(out);
    expect(counts).toEqual({ done: units.length - 1, running: 0, failed: 1, left: 0 });
    const again = await runCli(['enqueue', '--units', out, '--redis', address], env);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining(`${name}, 3 times:`) });
  },
);
