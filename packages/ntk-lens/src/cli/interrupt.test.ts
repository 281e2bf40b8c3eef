import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('../testing/busy-program.ts', import.meta.url));

/** Runs the script and answers every line that it prints with a signal. */
const ended = (when: string, name: NodeJS.Signals) =>
  new Promise<{ signal: string | null; stderr: string }>((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', '--conditions=@ntk-lens/source', script, when]);
    let stderr = '';
    child.stdout.on('data', () => child.kill(name));
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (_, signal) => resolve({ signal, stderr }));
  });

it.concurrent.each<[when: string, name: NodeJS.Signals]>([
  ['before long work', 'SIGINT'],
  ['before long work', 'SIGTERM'],
  ['listening', 'SIGTERM'],
])('a program that is busy %s is ended by %s', async (when, name) => {
  expect(await ended(when, name)).toEqual({ signal: name, stderr: '' });
});

it.concurrent('the second Ctrl-C ends a program that is busy after the first', async () => {
  const { signal, stderr } = await ended('after the first signal', 'SIGINT');
  expect(signal).toBe('SIGINT');
  expect(stderr).toMatch(/^\nStopping at the next safe point/);
});
