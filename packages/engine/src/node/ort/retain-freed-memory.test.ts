import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('../../testing/measure-work-memory.ts', import.meta.url));
const measure = async (
  environment: Record<string, string> = {},
): Promise<{ readonly faults: number; readonly trimmed: number; readonly givenBack: number }> => {
  const flags = ['--conditions=@ntk-lens/source', '--import', 'tsx', script];
  const env = { ...process.env, ...environment };
  const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: import.meta.dirname, env });
  return JSON.parse(stdout);
};

// glibc only: elsewhere there is nothing to set.
const isGlibc =
  process.platform === 'linux' &&
  'glibcVersionRuntime' in (process.report.getReport() as { header: object }).header;

test.runIf(isGlibc)(
  'work memory is kept while a runtime is open, unless the environment says otherwise',
  async () => {
    // Where the blocks of a process lie is chance: in some processes one block of a run finds no place in what is kept.
    const kept = await Promise.all([measure(), measure(), measure(), measure(), measure()]);
    const trimmed = await measure({ MALLOC_TRIM_THRESHOLD_: '131072' });
    expect(Math.min(...kept.map(({ faults }) => faults))).toBeLessThan(trimmed.faults / 4);
    // Of 48 MB and more.
    expect(Math.max(...kept.map(({ trimmed }) => trimmed))).toBeGreaterThan(2 ** 25);
    expect(Math.max(...kept.map(({ givenBack }) => givenBack))).toBeGreaterThan(2 ** 25);
  },
);
