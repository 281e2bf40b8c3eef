import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sampled } from '@ntk-lens/testing/sampled';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleProgram } from '../testing/bundle-program.js';
import { comparableFiles } from '../testing/kills/compare-files.js';
import type { KillScenario } from '../testing/kills/kill-and-resume.js';
import { killScenarios } from '../testing/kills/scenarios.js';

const fillDisk = fileURLToPath(new URL('../testing/fill-disk.mjs', import.meta.url));

let parent: string;
/** A kernel in a budget that makes many passes. */
let kernel: KillScenario['start'];
/** What an uninterrupted run leaves. */
let whole: ReadonlyMap<string, string>;

const tilesIn = async (out: string): Promise<number> => {
  const tiles = join(out, 'tiles');
  if (!existsSync(tiles)) return 0;
  return (await readdir(tiles)).filter((name) => /^(sum|layer)-\d+\.json$/.test(name)).length;
};

beforeAll(async () => {
  parent = await temporaryDirectory();
  const scenarios = await killScenarios(await bundleProgram(join(parent, 'program')), parent);
  kernel = scenarios.find(({ name }) => name === 'kernel')!.start;
  const out = join(parent, 'whole');
  expect(await kernel(out)).toMatchObject({ code: 0 });
  whole = await comparableFiles(out);
});

describe('a run that is stopped', () => {
  it('by Ctrl-C ends with 130 and leaves a directory that resumes to the same bytes', async () => {
    const out = join(parent, 'interrupted');
    let sent = false;
    const first = await kernel(out, {
      onStderr: (text, child) => {
        if (sent || !/tile ([3-9]|\d\d)\//.test(text)) return;
        sent = true;
        child.kill('SIGINT');
      },
    });
    expect(first).toMatchObject({ code: 130, stdout: '' });
    expect(JSON.parse(first.stderr.trim().split('\n').at(-1)!)).toMatchObject({ kind: 'cancelled' });
    expect(await tilesIn(out)).toBeGreaterThan(0);

    const other = await kernel(out, { more: ['--batch', '1'] });
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(/OTHER_TILES.*batch: found 2, expected 1/);
    const another = await kernel(out, {
      more: ['--formula', 'signgd', '--exclude', '*embed*', '--tied', '--memory', '1GB'],
    });
    expect(another.code).toBe(2);
    for (const field of ['formula', 'parameters', 'tied'])
      expect(another.stderr).toContain(`${field}: there`);

    expect(await kernel(out)).toMatchObject({ code: 0 });
    expect(await comparableFiles(out)).toEqual(whole);
  }, 60_000);

  it('by SIGTERM ends at once, says that finished parts are kept, and resumes to the same bytes', async () => {
    const out = join(parent, 'terminated');
    const first = await kernel(out, {
      onStderr: (text, child) => {
        if (/tile ([3-9]|\d\d)\//.test(text)) child.kill('SIGTERM');
      },
    });
    expect(first).toMatchObject({ code: null, signal: 'SIGTERM', stdout: '' });
    expect(first.stderr).toMatch(/\nStopped by SIGTERM\. Finished parts are kept; run again to resume\.\n$/);
    expect(await tilesIn(out)).toBeGreaterThan(0);
    expect(await kernel(out)).toMatchObject({ code: 0 });
    expect(await comparableFiles(out)).toEqual(whole);
  }, 60_000);

  it.each(sampled([20_000, 40_000], 1))(
    'by a full disk, after %i bytes, says so and resumes to the same bytes',
    async (bytes) => {
      const out = join(parent, `full-${bytes}`);
      const full = await kernel(out, {
        flags: ['--import', fillDisk],
        env: { DISK_BYTES: String(bytes) },
      });
      expect(full).toMatchObject({ code: 1, stdout: '' });
      const error = JSON.parse(full.stderr.trim().split('\n').at(-1)!);
      expect(error).toMatchObject({ code: 'DISK_FULL', kind: 'failure' });
      expect(error.message).toContain(out);
      // Nothing that is cut stays: neither under a name of its own nor beside it.
      const left = (await readdir(out, { recursive: true })).filter((name) => /\.(tmp|part)$/.test(name));
      expect(left).toEqual([]);
      expect(await tilesIn(out)).toBeGreaterThan(0);
      expect(await kernel(out)).toMatchObject({ code: 0 });
      expect(await comparableFiles(out)).toEqual(whole);
    },
    60_000,
  );
});
