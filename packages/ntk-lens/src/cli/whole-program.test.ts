import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeNpy } from '@ntk-lens/core';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { expect, it } from 'vitest';

const bin = fileURLToPath(new URL('../bin.ts', import.meta.url));

/** The program in a process of its own, as a user starts it. */
const start = (argv: readonly string[], onStderr: (text: string, child: ChildProcess) => void = () => {}) =>
  new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    const flags = ['--conditions=@ntk-lens/source', '--import', 'tsx'];
    const child = spawn(process.execPath, [...flags, bin, ...argv], {
      env: { ...process.env, NO_COLOR: '1' },
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    child.stderr.on('data', (data) => {
      stderr += data;
      onStderr(stderr, child);
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });

// The embedded model on a few examples: every layer is the real one.
const small = ['run', '--shots', '2', '--limit-test', '6'];

it('runs, is interrupted with exit code 130, resumes, and is replayed to the same bytes', async () => {
  const parent = await temporaryDirectory();
  const out = join(parent, 'run');
  let interrupted = false;
  const first = await start([...small, '--out', out], (stderr, child) => {
    if (interrupted || !/^ {2}kernel /m.test(stderr)) return;
    interrupted = true;
    child.kill('SIGINT');
  });
  expect([first.code, first.stdout]).toEqual([130, '']);
  expect(first.stderr).toMatch(/Stopping at the next safe point/);
  expect(first.stderr).toMatch(/^interrupted: .*run again to resume/m);
  expect((await readdir(out)).sort()).toEqual(['config.json', 'manifest.json', 'tiles']);

  const second = await start([...small, '--out', out]);
  expect([second.code, second.stderr.match(/^error/m)]).toEqual([0, null]);
  for (const row of ['majority', 'zero-shot', 'SGD kernel (lstsq)', 'ort-cpu float32']) {
    expect(second.stdout).toContain(row);
  }
  expect(await readdir(out)).not.toContain('tiles');
  const { data, shape } = decodeNpy(await readFile(join(out, 'train.npy')));
  expect(shape).toEqual([4, 2, 4, 2]);
  const size = 8;
  for (let i = 0; i < size; i++) {
    expect(data[i * size + i]).toBeGreaterThan(0);
    for (let j = 0; j < i; j++) {
      const [a, b] = [data[i * size + j]!, data[j * size + i]!];
      expect(Math.abs(a - b)).toBeLessThanOrEqual(
        1e-6 * Math.sqrt(data[i * size + i]! * data[j * size + j]!),
      );
    }
  }

  const again = join(parent, 'again');
  const third = await start(['run', '--config', join(out, 'config.json'), '--out', again, '--json']);
  expect(third.code).toBe(0);
  expect(JSON.parse(third.stdout).cells[0].reused).toBe(false);
  for (const line of third.stderr.trim().split('\n'))
    expect(JSON.parse(line)).toHaveProperty('type', 'progress');
  for (const name of ['train.npy', 'dev.npy', 'test.npy', 'test_logits.npy', 'config.json', 'kernel.svg']) {
    expect(await readFile(join(again, name))).toEqual(await readFile(join(out, name)));
  }
});
