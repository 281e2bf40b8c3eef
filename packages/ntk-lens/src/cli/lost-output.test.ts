import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { expect, it } from 'vitest';

const bin = fileURLToPath(new URL('../bin.ts', import.meta.url));

const flags = ['--conditions=@ntk-lens/source', '--import', 'tsx', bin];

const start = (stdout: 'pipe' | number, argv = ['tasks', 'list', '--table', 'csv']) =>
  spawn(process.execPath, [...flags, ...argv], { stdio: ['ignore', stdout, 'pipe'] });

const end = async (child: ReturnType<typeof start>): Promise<{ code: number; stderr: string }> => {
  let stderr = '';
  child.stderr!.on('data', (text) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  return { code, stderr };
};

it.each(['tasks list --table csv', 'run --help', 'completion fish'])(
  'a reader of "%s" that closes early is no failure, and nothing is said',
  async (line) => {
    const child = start('pipe', line.split(' '));
    child.stdout!.destroy();
    expect(await end(child)).toEqual({ code: 0, stderr: '' });
  },
);

it('nobody who reads errors is no failure of another kind', async () => {
  const child = start('pipe', ['tasks', 'show', 'nope']);
  child.stderr!.destroy();
  const [code] = await once(child, 'close');
  expect(code).toBe(2);
});

it('work whose progress nobody reads any more ends as by the signal of a closed pipe', async () => {
  const out = join(await temporaryDirectory(), 'out');
  const child = start('pipe', ['kernel', '--shots', '2', '--limit-test', '2', '--out', out]);
  child.stderr!.once('data', () => child.stderr!.destroy());
  const [code] = await once(child, 'close');
  expect(code).toBe(141);
});

it.runIf(process.platform === 'linux')('output that is lost on a full disk is a failure', async () => {
  const full = await open('/dev/full', 'w');
  try {
    expect(await end(start(full.fd))).toEqual({
      code: 1,
      stderr: 'error: the output could not be written (ENOSPC). Check where it goes.\n',
    });
  } finally {
    await full.close();
  }
});
