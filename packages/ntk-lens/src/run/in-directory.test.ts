import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { lockName } from '@ntk-lens/core';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../testing/run-cli.js';

describe('a directory in which another process works', () => {
  // A process that runs as long as these tests.
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const since = '2026-01-02T03:04:05.000Z';
  afterAll(async () => {
    other.kill('SIGKILL');
    await once(other, 'close');
  });

  it.each([
    ['run', '--model', 'no-such-model'],
    ['kernel', '--model', 'no-such-model'],
    ['finetune', '--model', 'no-such-model'],
    ['check', '--model', 'no-such-model'],
    ['check', '--ladder', 'no-such-ladder'],
    ['pretrain'],
    ['demo'],
  ])('%s %s %s is refused before a model is looked for, by the name of the process', async (...argv) => {
    const out = await temporaryDirectory();
    const holder = { pid: other.pid, host: hostname(), since, started: '' };
    await writeFile(join(out, lockName), JSON.stringify(holder));
    const { code, stderr } = await runCli([...argv, '--out', out, '--json']);
    const error = JSON.parse(stderr.trim().split('\n').at(-1)!);
    expect([code, error.code]).toEqual([2, 'DIRECTORY_IN_USE']);
    for (const word of [`process ${other.pid}`, hostname(), since]) expect(error.message).toContain(word);
    expect(await readdir(out)).toEqual([lockName]);
  });
});

describe('--verify', () => {
  let out: string;
  let kernel: readonly string[];
  beforeAll(async () => {
    const parent = await temporaryDirectory();
    const model = await tinyModel(join(parent, 'model'));
    out = join(parent, 'kernel');
    kernel = ['kernel', '--out', out, '--model', model, '--shots', '2', '--limit-test', '4', '--json'];
    expect(await runCli([...kernel, '--blocks', 'layer'])).toMatchObject({ code: 0 });
  });

  it('reads files that the command does not need', async () => {
    expect(await runCli([...kernel, '--verify'])).toMatchObject({ code: 0 });
    const file = join(out, 'blocks', 'head.dev.npy');
    const bytes = await readFile(file);
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(file, bytes);
    expect(await runCli(kernel)).toMatchObject({ code: 0 });
    for (const argv of [kernel, ['solve', out, '--json']]) {
      const { code, stderr } = await runCli([...argv, '--verify']);
      expect([code, stderr]).toEqual([2, expect.stringContaining('DAMAGED_RUN')]);
      expect(stderr).toContain('head.dev.npy');
    }
  });
});
