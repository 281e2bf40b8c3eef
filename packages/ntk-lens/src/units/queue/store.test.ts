import { cp, mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasRedis, type RedisServer, startRedis } from '@ntk-lens/testing/redis-server';
import { hasS3, type S3Server, startS3 } from '@ntk-lens/testing/s3-server';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleProgram } from '../../testing/bundle-program.js';
import { comparableFiles } from '../../testing/kills/compare-files.js';
import { runCli } from '../../testing/run-cli.js';
import { spawnProgram } from '../../testing/spawn-program.js';
import { readUnits } from '../manifest.js';

const hasServers = hasRedis && hasS3;
let root: string;
let redis: RedisServer;
let s3: S3Server;
let program: string;
beforeAll(async () => {
  if (!hasServers) return;
  root = await temporaryDirectory();
  await mkdir(join(root, 'redis'));
  redis = await startRedis(join(root, 'redis'));
  s3 = await startS3();
  program = await bundleProgram(join(root, 'program'));
  // Node resolves the SDK otherwise in a process of tests, which has conditions of its own.
  const sdk = fileURLToPath(new URL('../../../../queue/node_modules/@aws-sdk', import.meta.url));
  await symlink(sdk, join(root, 'program', 'node_modules', '@aws-sdk'), 'dir');
});
afterAll(async () => {
  await redis?.kill();
  await s3?.kill();
});

const run = (line: readonly string[]) => spawnProgram(program, line, { env: s3.env });

/** Asks the server of objects, which takes any signature. */
const ask = async (path: string, init: RequestInit = {}): Promise<string> => {
  const credential = 'Credential=nobody/20260101/us-east-1/s3/aws4_request';
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=0`;
  const response = await fetch(`${s3.endpoint}/bucket${path}`, { ...init, headers: { authorization } });
  expect(response.ok).toBe(true);
  return response.text();
};

/** Objects of the bucket below a prefix. */
const keysOf = async (prefix: string): Promise<readonly string[]> => {
  const text = await ask(`?list-type=2&prefix=${prefix}`);
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
    expect(await run(['kernel', ...argv, '--out', alone])).toMatchObject({ code: 0 });
    const { units } = await readUnits(planned);

    const place = ['--store', 's3://bucket/some/place', '--store-endpoint', s3.endpoint];
    const queue = ['--redis', redis.url, ...place];
    const empty = await run(['worker', '--units', join(root, 'none'), ...queue, '--model', model]);
    expect(empty).toMatchObject({ code: 2, stderr: expect.stringMatching(/has no plan\.json/) });
    const put = await run(['enqueue', '--units', planned, ...queue]);
    expect(put).toMatchObject({ code: 0, stdout: expect.stringMatching(/3 workers with a store do/) });

    const work = async (machine: string): Promise<readonly string[]> => {
      const own = join(root, machine);
      const line = ['worker', '--units', own, ...queue, '--model', model, '--json'];
      const { code, stdout } = await run(line);
      expect(code).toBe(0);
      // Nothing of the work stays on the machine.
      expect(await readdir(own)).toEqual([]);
      return JSON.parse(stdout).computed;
    };
    expect(await work('one')).toHaveLength(units.length);
    expect(await keysOf('some/place/units/')).toHaveLength(units.length);
    // All content lies under its hash, and no path of a machine is in the store.
    for (const key of await keysOf('some/place/')) {
      expect(key).toMatch(/^some\/place\/(plan\.json|units\/\d+\.json|sha256\/[\da-f]{64})$/);
      const content = await ask(`/${key}`);
      expect(content).not.toContain(root);
    }

    const unit = JSON.parse(await ask('/some/place/units/1.json'));
    await ask(`/some/place/sha256/${unit.files[0].sha256}`, { method: 'PUT', body: 'something else' });
    const assemble = ['worker', '--units', join(root, 'end'), '--assemble', ...place, '--model', model];
    const damaged = await run(assemble);
    expect(damaged).toMatchObject({ code: 2, stderr: expect.stringContaining(`(${units[1]!.name})`) });
    expect(await work('two')).toEqual([units[1]!.name]);
    expect(await run([...assemble, '--quiet'])).toMatchObject({ code: 0 });
    expect(await comparableFiles(join(root, 'end'))).toEqual(await comparableFiles(alone));
  },
  300_000,
);

it.runIf(hasServers)('a store that does not answer, or is none, is named with what to do', async () => {
  const line = ['worker', '--units', join(root, 'any'), '--redis', redis.url];
  const bad = await run([...line, '--store', 'https://bucket/prefix']);
  expect(bad).toMatchObject({ code: 2, stderr: expect.stringMatching(/expected s3:\/\/bucket\/prefix/) });
  const absent = await run([...line, '--store', 's3://absent/x', '--store-endpoint', s3.endpoint]);
  expect(absent).toMatchObject({ code: 1, stderr: expect.stringMatching(/bucket does not exist/) });
});
