import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sampled } from '@ntk-lens/testing/sampled';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { beforeAll, expect, it } from 'vitest';
import { bundleProgram } from '../testing/bundle-program.js';
import { comparableFiles } from '../testing/kills/compare-files.js';
import { type SpawnOptions, spawnProgram } from '../testing/spawn-program.js';

const fillDisk = fileURLToPath(new URL('../testing/fill-disk.mjs', import.meta.url));

let parent: string;
let program: string;
let model: string;
beforeAll(async () => {
  parent = await temporaryDirectory();
  model = await tinyModel(join(parent, 'model'));
  program = await bundleProgram(join(parent, 'program'));
});

const kernel = (out: string, more: readonly string[], options?: SpawnOptions) =>
  spawnProgram(
    program,
    [
      ...['kernel', '--model', model, '--shots', '2', '--limit-test', '9', '--formula', 'sgd', '--json'],
      ...['--runtime', 'ort-cpu', '--threads', '1', '--out', out, ...more],
    ],
    options,
  );

const parts = sampled(['Ctrl-C', 'a full disk'], 1);

it.runIf(parts.includes('Ctrl-C'))(
  '--workers 2 leaves the bytes of one process, also after Ctrl-C',
  async () => {
    const [one, two] = [join(parent, 'one'), join(parent, 'two')];
    const plan = await kernel(one, ['--plan-units', '--workers', '2', '--memory', '1GiB']);
    expect(plan).toMatchObject({ code: 0 });
    expect(JSON.parse(plan.stdout)).toMatchObject({ format: 'ntk-lens-units', workers: 2 });
    expect(await kernel(one, ['--memory', '1GiB'])).toMatchObject({ code: 0 });

    let sent = false;
    const stopped = await kernel(two, ['--workers', '2', '--memory', '2GiB'], {
      onStderr: (text, child) => {
        if (sent || !text.includes('"phase":"units"')) return;
        sent = true;
        child.kill('SIGINT');
      },
    });
    expect(stopped).toMatchObject({ code: 130, stdout: '' });
    const done = await kernel(two, ['--workers', '2', '--memory', '2GiB']);
    expect(done).toMatchObject({ code: 0 });
    expect(await comparableFiles(two)).toEqual(await comparableFiles(one));
  },
  60_000,
);

it.runIf(parts.includes('a full disk'))(
  'a full disk stops a worker with a typed error, and is no failure of its units',
  async () => {
    const out = join(parent, 'full');
    expect(await kernel(out, ['--plan-units', '--workers', '2'])).toMatchObject({ code: 0 });
    const worker = ['worker', '--units', out, '--model', model, '--json'];
    const full = await spawnProgram(program, [...worker, '--index', '0/1'], {
      flags: ['--import', fillDisk],
      env: { DISK_BYTES: '600' },
    });
    expect(full.code).toBe(1);
    expect(JSON.parse(full.stderr.trim().split('\n').at(-1)!)).toMatchObject({ code: 'DISK_FULL' });
    const status = await spawnProgram(program, ['status', out, '--json']);
    expect(JSON.parse(status.stdout).counts).toMatchObject({ running: 0, failed: 0 });
    expect(await spawnProgram(program, [...worker, '--index', '0/1'])).toMatchObject({ code: 0 });
    expect(await spawnProgram(program, [...worker, '--assemble'])).toMatchObject({ code: 0 });
  },
  60_000,
);
