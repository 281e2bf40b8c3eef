import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Mt19937 } from '@ntk-lens/core';
import { MemoryBudgetError } from '@ntk-lens/kernels';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultRunConfig, type RunConfig } from '../options/run-config.js';
import { explainExperiment } from '../run/explain-experiment.js';
import { bundleProgram } from '../testing/bundle-program.js';
import { runKilled } from '../testing/run-killed.js';
import { type Finished, type SpawnOptions, spawnProgram } from '../testing/spawn-program.js';

const KILLS = 50;
const fillDisk = fileURLToPath(new URL('../testing/fill-disk.mjs', import.meta.url));

/** Command lines, each with a budget that makes many passes. */
const variants: (readonly string[])[] = [];

let parent: string;
let program: string;
let base: readonly string[];
/** How long an uninterrupted run takes here and now. */
let milliseconds = 0;
/** Bytes of an uninterrupted run of each variant. */
const whole: (readonly [string, string])[][] = [];

const kernel = (out: string, more: readonly string[], options?: SpawnOptions): Promise<Finished> =>
  spawnProgram(program, ['kernel', '--out', out, ...base, ...more], options);

/** All files but `metrics.json`, which holds times. */
const filesOf = async (directory: string): Promise<(readonly [string, string])[]> => {
  const names = (await readdir(directory, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name !== 'metrics.json')
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return Promise.all(
    names.map(
      async (name) => [name.slice(directory.length + 1), (await readFile(name)).toString('base64')] as const,
    ),
  );
};

const tilesIn = async (out: string): Promise<number> => {
  const tiles = join(out, 'tiles');
  if (!existsSync(tiles)) return 0;
  return (await readdir(tiles)).filter((name) => /^(sum|layer)-\d+\.json$/.test(name)).length;
};

/** The smallest budget that works, and a few examples more: one pass for every few pairs of examples. */
const budget = async (config: RunConfig): Promise<readonly string[]> => {
  const refusal = await explainExperiment({ ...config, memory: 1 }).catch((error: unknown) => error);
  if (!(refusal instanceof MemoryBudgetError)) throw refusal;
  const memory = refusal.smallest + 20_000;
  const { cells } = await explainExperiment({ ...config, memory });
  expect(cells[0]!.plan.tiles.length).toBeGreaterThan(40);
  return ['--memory', String(memory)];
};

beforeAll(async () => {
  parent = await temporaryDirectory();
  const model = await tinyModel(join(parent, 'model'));
  program = await bundleProgram(join(parent, 'program'));
  const config: RunConfig = {
    ...defaultRunConfig,
    model,
    shots: [3],
    limitTest: 24,
    batch: 2,
    runtime: 'ort-cpu',
    threads: 1,
  };
  base = [
    ...['--model', model, '--shots', '3', '--limit-test', '24', '--batch', '2'],
    ...['--runtime', 'ort-cpu', '--threads', '1', '--json'],
  ];
  variants.push(
    ['--formula', 'sgd', ...(await budget(config))],
    [
      ...['--formula', 'a-signgd', '--binary', '--blocks', 'layer'],
      ...(await budget({ ...config, formulas: ['a-signgd'], binary: true })),
    ],
  );
  for (const [i, variant] of variants.entries()) {
    const out = join(parent, `whole-${i}`);
    const start = performance.now();
    expect(await kernel(out, variant)).toMatchObject({ code: 0 });
    milliseconds = performance.now() - start;
    whole.push(await filesOf(out));
  }
}, 120_000);

it(`killed at ${KILLS} random moments and resumed, a run ends with the same bytes`, async () => {
  const random = new Mt19937(1);
  let [kills, finished, resumed, turn] = [0, 0, 0, 0];
  for (; kills < KILLS; turn++) {
    const variant = turn % variants.length;
    const out = join(parent, `killed-${turn}`);
    const { kills: own, last } = await runKilled(
      async (options) => {
        if ((await tilesIn(out)) > 0) resumed++;
        return kernel(out, variants[variant]!, options);
      },
      (more) => {
        // Some moments are counted from the start, most from the first kernel that is computed.
        const after = random.randomSample() < 0.2 ? /./ : /"phase":"kernel"/;
        const delay = random.randomSample() * 0.2 * milliseconds;
        return kills + more < KILLS ? { after, delay } : undefined;
      },
    );
    kills += own;
    expect({ code: last.code, stderr: last.code === 0 ? '' : last.stderr }).toEqual({ code: 0, stderr: '' });
    expect(await filesOf(out)).toEqual(whole[variant]);
    if (own > 0) finished++;
  }
  expect(kills).toBeGreaterThanOrEqual(KILLS);
  expect(finished).toBeGreaterThan(0);
  expect(resumed).toBeGreaterThan(0);
}, 300_000);

describe('a run that is stopped', () => {
  it('by Ctrl-C ends with 130 and leaves a directory that resumes to the same bytes', async () => {
    const out = join(parent, 'interrupted');
    let sent = false;
    const first = await kernel(out, variants[0]!, {
      onStderr: (text, child) => {
        if (sent || !/tile ([3-9]|\d\d)\//.test(text)) return;
        sent = true;
        child.kill('SIGINT');
      },
    });
    expect(first).toMatchObject({ code: 130, stdout: '' });
    expect(JSON.parse(first.stderr.trim().split('\n').at(-1)!)).toMatchObject({ kind: 'cancelled' });
    expect(await tilesIn(out)).toBeGreaterThan(0);

    const other = await kernel(out, [...variants[0]!, '--batch', '1']);
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(/OTHER_TILES.*batch: found 2, expected 1/);
    const another = await kernel(out, [
      ...['--formula', 'signgd', '--exclude', '*embed*', '--tied', '--memory', '1GB'],
    ]);
    expect(another.code).toBe(2);
    for (const field of ['formula', 'parameters', 'tied'])
      expect(another.stderr).toContain(`${field}: there`);

    expect(await kernel(out, variants[0]!)).toMatchObject({ code: 0 });
    expect(await filesOf(out)).toEqual(whole[0]);
  }, 60_000);

  it.each([9_000, 60_000])(
    'by a full disk, after %i bytes, says so and resumes to the same bytes',
    async (bytes) => {
      const out = join(parent, `full-${bytes}`);
      const full = await kernel(out, variants[0]!, {
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
      expect(await kernel(out, variants[0]!)).toMatchObject({ code: 0 });
      expect(await filesOf(out)).toEqual(whole[0]);
    },
    60_000,
  );
});
