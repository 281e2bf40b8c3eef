import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Mt19937 } from '@ntk-lens/core';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { beforeAll, expect, it } from 'vitest';
import { bundleProgram } from '../testing/bundle-program.js';
import { runKilled } from '../testing/run-killed.js';
import { spawnProgram } from '../testing/spawn-program.js';

const KILLS = 5;
const ladder = [
  ...['--widths', '8,16', '--seeds', '0', '--steps', '25', '--batch', '8', '--layers', '1'],
  ...['--base-width', '8', '--runtime', 'ort-cpu', '--threads', '1', '--json'],
];

let parent: string;
let program: string;
/** From the first step to the end of an uninterrupted run, here and now. */
let milliseconds = 0;

/** Every file below a directory, with its bytes. */
const filesOf = async (directory: string) =>
  Promise.all(
    (await readdir(directory, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map(
        async (name) => [name.slice(directory.length), (await readFile(name)).toString('base64')] as const,
      ),
  );
const started = /"phase":"pretrain"/;

beforeAll(async () => {
  parent = await temporaryDirectory();
  program = await bundleProgram(join(parent, 'program'));
  let first: number | undefined;
  const { code } = await spawnProgram(program, ['pretrain', '-o', join(parent, 'whole'), ...ladder], {
    onStderr: (text) => {
      if (started.test(text)) first ??= performance.now();
    },
  });
  expect(code).toBe(0);
  milliseconds = performance.now() - first!;
}, 120_000);

it(`pretrain, killed at ${KILLS} random moments and started again, ends with the same bytes`, async () => {
  const whole = await filesOf(join(parent, 'whole'));
  expect(whole.filter(([name]) => name.endsWith('model.safetensors'))).toHaveLength(2);
  const random = new Mt19937(3);
  let [kills, resumed] = [0, 0];
  for (let turn = 0; kills < KILLS; turn++) {
    const out = join(parent, `killed-${turn}`);
    const { kills: own, last } = await runKilled(
      (options) => spawnProgram(program, ['pretrain', '-o', out, ...ladder], options),
      (more) => {
        const delay = random.randomSample() * 0.5 * milliseconds;
        return kills + more < KILLS ? { after: started, delay } : undefined;
      },
    );
    kills += own;
    expect({ code: last.code, stderr: last.code === 0 ? '' : last.stderr }).toEqual({ code: 0, stderr: '' });
    const found = await filesOf(out);
    expect(found.map(([name]) => name)).toEqual(whole.map(([name]) => name));
    expect(found).toEqual(whole);
    if (own > 0) resumed++;
  }
  expect(resumed).toBeGreaterThan(0);
}, 300_000);
