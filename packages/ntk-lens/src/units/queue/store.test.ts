import { cp, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasRedis, type RedisServer, startRedis } from '@ntk-lens/testing/redis-server';
import { hasS3, type S3Server, startS3 } from '@ntk-lens/testing/s3-server';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { comparableFiles } from '../../testing/kills/compare-files.js';
import { runCli } from '../../testing/run-cli.js';
import { readUnits } from '../manifest.js';

const hasServers = hasRedis && hasS3;
let root: string;
let redis: RedisServer;
let s3: S3Server;
beforeAll(async () => {
  if (!hasServers) return;
  root = await temporaryDirectory();
  await mkdir(join(root, 'redis'));
  redis = await startRedis(join(root, 'redis'));
  s3 = await startS3();
  for (const [name, value] of Object.entries(s3.env)) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await redis?.kill();
  await s3?.kill();
});

/** Objects of the bucket below a prefix. */
const keysOf = async (prefix: string): Promise<readonly string[]> => {
  const text = await (await fetch(`${s3.endpoint}/bucket?list-type=2&prefix=${prefix}`)).text();
  return [...text.matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key]) => key!);
};

it.runIf(hasServers)(
  'workers without a shared directory leave their parts in a store, and what is damaged there is computed again',
  async () => {
    const model = await tinyModel(join(root, 'tiny'));
    const argv = [
      ...['--model', model, '--shots', '2', '--limit-test', '9', '--formula', 'sgd', '--threads', '1'],
      ...['--runtime', 'ort-cpu', '--quiet'],
    ];
    const [alone, planned] = [join(root, 'alone'), join(root, 'planned')];
    const plan = await runCli(['kernel', ...argv, '--out', planned, '--plan-units', '--workers', '3']);
    expect(plan).toMatchObject({ code: 0 });
    await cp(planned, alone, { recursive: true });
    expect(await runCli(['kernel', ...argv, '--out', alone])).toMatchObject({ code: 0 });
    const { units } = await readUnits(planned);

    const place = ['--store', 's3://bucket/some/work', '--store-endpoint', s3.endpoint];
    const queue = ['--redis', redis.url, ...place];
    const empty = await runCli(['worker', '--units', join(root, 'none'), ...queue, '--model', model]);
    expect(empty).toMatchObject({ code: 2, stderr: expect.stringMatching(/has no plan\.json/) });
    expect(await runCli(['enqueue', '--units', planned, ...queue])).toMatchObject({ code: 0 });

    const work = async (machine: string): Promise<readonly string[]> => {
      const own = join(root, machine);
      const line = ['worker', '--units', own, ...queue, '--model', model, '--json'];
      const { code, stdout } = await runCli(line);
      expect(code).toBe(0);
      // Nothing of the work stays on the machine.
      expect(await readdir(own)).toEqual([]);
      return JSON.parse(stdout).computed;
    };
    expect(await work('one')).toHaveLength(units.length);
    expect(await keysOf('some/work/units/')).toHaveLength(units.length);
    // All content lies under its hash, and no path of a machine is in the store.
    for (const key of await keysOf('some/work/')) {
      expect(key).toMatch(/^some\/work\/(plan\.json|units\/\d+\.json|sha256\/[\da-f]{64})$/);
      const content = await (await fetch(`${s3.endpoint}/bucket/${key}`)).text();
      expect(content).not.toContain(root);
    }

    const unit = JSON.parse(await (await fetch(`${s3.endpoint}/bucket/some/work/units/1.json`)).text());
    const object = `${s3.endpoint}/bucket/some/work/sha256/${unit.files[0].sha256}`;
    await fetch(object, { method: 'PUT', body: 'something else' });
    const assemble = ['worker', '--units', join(root, 'end'), '--assemble', ...place, '--model', model];
    const damaged = await runCli(assemble);
    expect(damaged).toMatchObject({ code: 2, stderr: expect.stringContaining(`(${units[1]!.name})`) });
    expect(await work('two')).toEqual([units[1]!.name]);
    expect(await runCli([...assemble, '--quiet'])).toMatchObject({ code: 0 });
    expect(await comparableFiles(join(root, 'end'))).toEqual(await comparableFiles(alone));
  },
  300_000,
);

it.runIf(hasServers)('a store that does not answer, or is none, is named with what to do', async () => {
  const line = ['worker', '--units', join(root, 'any'), '--redis', redis.url];
  const bad = await runCli([...line, '--store', 'https://bucket/prefix']);
  expect(bad).toMatchObject({ code: 2, stderr: expect.stringMatching(/expected s3:\/\/bucket\/prefix/) });
  const absent = await runCli([...line, '--store', 's3://absent/x', '--store-endpoint', s3.endpoint]);
  expect(absent).toMatchObject({ code: 1, stderr: expect.stringMatching(/bucket does not exist/) });
});
