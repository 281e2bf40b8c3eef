import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const bin = fileURLToPath(new URL('../bin.ts', import.meta.url));

const start = (stdout: 'pipe' | number) =>
  spawn(
    process.execPath,
    ['--conditions=@ntk-lens/source', '--import', 'tsx', bin, 'tasks', 'list', '--table', 'csv'],
    {
      stdio: ['ignore', stdout, 'pipe'],
    },
  );

const end = async (child: ReturnType<typeof start>): Promise<{ code: number; stderr: string }> => {
  let stderr = '';
  child.stderr!.on('data', (text) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  return { code, stderr };
};

it('a reader that closes early is no failure, and nothing is said', async () => {
  const child = start('pipe');
  child.stdout!.destroy();
  expect(await end(child)).toEqual({ code: 0, stderr: '' });
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
