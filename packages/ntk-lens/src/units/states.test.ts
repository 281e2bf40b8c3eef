import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isUnfinished } from '@ntk-lens/core';
import { sampled } from '@ntk-lens/testing/sampled';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { beforeAll, expect, it } from 'vitest';
import { bundleProgram } from '../testing/bundle-program.js';
import { editSealed } from '../testing/edit-sealed.js';
import { comparableFiles } from '../testing/kills/compare-files.js';
import { runCli } from '../testing/run-cli.js';
import { spawnProgram } from '../testing/spawn-program.js';
import { claimsIn } from './claims.js';
import { readUnits } from './manifest.js';
import { markRunning, marksName } from './marks.js';
import { runWorker } from './run-worker.js';
import { workOf } from './share.js';
import { unitsStatus } from './status.js';
import { apartNotes } from './tables.js';

const slowStates = fileURLToPath(new URL('../testing/slow-states.mjs', import.meta.url));
/** Parts of the kernel; eight training examples are as many batches as that. */
const PARTS = 4;
const shares = ['0000', '0001', '0002', '0003'];

let root: string;
let model: string;
/** The directory of one process, and what was printed when its units were planned. */
let alone: string;
let planned: string;

const argv = [
  ...['kernel', '--shots', '4', '--limit-test', '12', '--formula', 'sgd', '--batch', '2', '--quiet'],
  ...['--runtime', 'ort-cpu', '--threads', '1', '--memory', '1GiB'],
];
const plan = async (out: string): Promise<string> => {
  const workers = ['--plan-units', '--workers', String(PARTS)];
  const { code, stdout } = await runCli([...argv, '--model', model, '--out', out, ...workers]);
  expect(code).toBe(0);
  return stdout;
};

beforeAll(async () => {
  root = await temporaryDirectory();
  model = await tinyModel(join(root, 'model'));
  alone = join(root, 'alone');
  planned = await plan(alone);
  expect(await runCli([...argv, '--model', model, '--out', alone])).toMatchObject({ code: 0 });
}, 300_000);

const work = (out: string, index: number, of = PARTS) => runWorker(out, { index, of, places: { model } });
const assemble = async (out: string): Promise<void> => {
  const { code } = await runCli(['worker', '--units', out, '--model', model, '--assemble', '--quiet']);
  expect(code).toBe(0);
  expect(await comparableFiles(out)).toEqual(await comparableFiles(alone));
  expect((await readdir(out, { recursive: true })).filter((name) => name.includes('states-'))).toEqual([]);
};
const statesIn = async (out: string): Promise<readonly string[]> =>
  (await readdir(join(out, 'tiles')).catch(() => []))
    .filter((name) => name.startsWith('states-') && !isUnfinished(name))
    .sort();
const marksIn = async (out: string): Promise<readonly string[]> =>
  (await readdir(join(out, marksName)).catch(() => [])).filter((name) => name.startsWith('running-states-'));

/** Files of states, each of which is another one when it is written again. */
const writtenIn = async (out: string): Promise<ReadonlyMap<string, bigint>> =>
  new Map(
    await Promise.all(
      (await statesIn(out)).map(async (name) => {
        const { ino, mtimeNs } = await stat(join(out, 'tiles', name), { bigint: true });
        return [name, ino ^ mtimeNs] as const;
      }),
    ),
  );
/** Shares of which all files were written since. */
const computedSince = async (
  out: string,
  before: ReadonlyMap<string, bigint>,
): Promise<readonly string[]> => {
  const after = await writtenIn(out);
  return shares.filter((share) =>
    [...after].every(([name, id]) => !name.startsWith(`states-${share}`) || before.get(name) !== id),
  );
};

it('the plan says what states take, and counts their work once', async () => {
  expect(planned).toMatch(
    /the factors of the training examples are computed once; their files take \d+ MiB of the directory/,
  );
  const { units } = await readUnits(alone);
  const [one, many] = [1, PARTS].map((workers) => workOf(units, workers));
  expect(many).toEqual(one);
  expect(one!.statesBytes).toBe(units[0]!.statesBytes);
  const own = units.reduce((sum, { flops }) => sum + flops!, 0);
  expect(one!.flops).toBe(own + units[0]!.onceFlops!);
});

it('workers that keep results in a store compute states each for itself, and the count says so', async () => {
  const { units } = await readUnits(alone);
  const [shared, apart] = [workOf(units, PARTS), workOf(units, PARTS, true)];
  const again = (PARTS - 1) * units[0]!.onceFlops!;
  expect(apart.repeatedFlops - shared.repeatedFlops).toBeCloseTo(again, 0);
  expect(apart.flops - shared.flops).toBeCloseTo(again, 0);
  expect(apart.statesBytes).toBe(0);
  expect(workOf(units, 1, true)).toEqual({ ...workOf(units, 1), statesBytes: 0 });
  expect(apartNotes(units, 1)).toEqual([]);
  expect(apartNotes(units, PARTS).join()).toMatch(
    /4 workers with a store do \S+ \S+: \d+(\.\d)? % of it is useful/,
  );
});

it.each(sampled([1, 2, 4, 8], 1))(
  '%i workers side by side compute every state once, and leave the bytes of one process',
  async (workers) => {
    const out = join(root, `workers-${workers}`);
    await plan(out);
    // A state that is computed twice changes its files behind the first look at it.
    const first = new Map<string, bigint>();
    let over = false;
    const watching = (async () => {
      while (!over) {
        for (const [name, id] of await writtenIn(out).catch(() => new Map<string, bigint>()))
          if (!first.has(name)) first.set(name, id);
        await wait(5);
      }
    })();
    await Promise.all(Array.from({ length: workers }, (_, index) => work(out, index, workers)));
    over = true;
    await watching;
    const last = await writtenIn(out);
    expect(
      new Set([...last.keys()].flatMap((name) => /^states-(\d{4})\.json$/.exec(name)?.[1] ?? [])),
    ).toEqual(new Set(shares));
    for (const [name, id] of first) expect([name, last.get(name)]).toEqual([name, id]);
    expect(await marksIn(out)).toEqual([]);
    await assemble(out);
  },
  300_000,
);

it('states that are lost, cut short or of another share are computed again', async () => {
  const out = join(root, 'damaged');
  await plan(out);
  await work(out, 0);
  const files = await statesIn(out);
  const arrays = files.filter((name) => /^states-\d{4}-1-0\.npy$/.test(name));
  expect(arrays).toHaveLength(PARTS);
  const path = (name: string) => join(out, 'tiles', name);
  await rm(path(arrays[0]!));
  const bytes = await readFile(path(arrays[1]!));
  await writeFile(path(arrays[1]!), bytes.subarray(0, bytes.length / 2));
  for (const end of ['.json', '-0.npy', '-1.npy'])
    await copyFile(path(`states-0003-1${end}`), path(`states-0002-1${end}`));
  const before = await writtenIn(out);
  await work(out, 1);
  expect(await computedSince(out, before)).toEqual(shares.slice(0, 3));
  const after = await writtenIn(out);
  for (const index of [2, 3]) await work(out, index);
  expect(await writtenIn(out)).toEqual(after);
  await assemble(out);
}, 300_000);

it('a worker waits for states that another one writes, and takes them over when that one is killed', async () => {
  const out = join(root, 'killed');
  await plan(out);
  const program = await bundleProgram(join(root, 'program'));
  let victim: number | undefined;
  const argv = ['worker', '--units', out, '--model', model, '--index', `0/${PARTS}`];
  const slow = spawnProgram(program, argv, {
    ...{ flags: ['--import', slowStates], env: { STATES_MS: '1000000' } },
    onStderr: (text, child) => {
      if (text === '') victim = child.pid;
    },
  });
  while ((await marksIn(out)).length === 0) await wait(20);
  const other = work(out, 1);
  const finished = async () => (await statesIn(out)).filter((name) => /^states-\d{4}\.json$/.test(name));
  while ((await finished()).length < PARTS - 1) await wait(20);
  await wait(700);
  expect(await finished()).not.toContain('states-0000.json');
  expect(await marksIn(out)).toHaveLength(1);
  const before = await writtenIn(out);
  process.kill(victim!, 'SIGKILL');
  expect(await slow).toMatchObject({ signal: 'SIGKILL' });
  expect((await other).computed).toHaveLength(1);
  expect(await computedSince(out, before)).toEqual(['0000']);
  const after = await writtenIn(out);
  for (const index of [0, 2, 3]) await work(out, index);
  expect(await writtenIn(out)).toEqual(after);
  await assemble(out);
}, 300_000);

it('a claim of another host holds as long as it gives signs of life, and those of two processes do not meet', async () => {
  const out = join(root, 'hosts');
  await mkdir(out);
  const silence = 400;
  const claims = claimsIn(out, 0, silence);
  const end = await markRunning(out, 'states-0-7');
  expect(await claims.claim(7)).toBeUndefined();
  // Another share, and one of another kernel, are free.
  const [other] = [await claims.claim(6)];
  expect(await claimsIn(out, 1).claim(7)).toBeDefined();
  await other!();
  const [mark] = (await marksIn(out)).filter((name) => name.includes('states-0-7'));
  const sign = (beat: number) =>
    editSealed(join(out, marksName, mark!), (fields) => ({ ...fields, host: 'elsewhere', beat }));
  for (let beat = 1; beat < 5; beat++) {
    await sign(beat);
    expect(await claims.claim(7)).toBeUndefined();
    await wait(silence / 2);
  }
  await wait(silence);
  const taken = await claims.claim(7);
  expect(taken).toBeDefined();
  await taken!();
  await end();

  const held = await claims.claim(3);
  await expect(claimsIn(out, 0).claim(3)).resolves.toBeUndefined();
  await held!();
  let most = 0;
  let now = 0;
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      const one = claimsIn(out, 0);
      for (let tries = 0; tries < 8; tries++) {
        const free = await one.claim(2);
        if (!free) continue;
        most = Math.max(most, ++now);
        await wait(3);
        now--;
        await free();
      }
    }),
  );
  expect(most).toBeLessThanOrEqual(1);
  // Marks are no units, and nobody looks for them there.
  expect(await marksIn(out)).toHaveLength(1);
});

it('states are no units: status and failures do not know them', async () => {
  const out = join(root, 'status');
  await plan(out);
  const end = await markRunning(out, 'states-0-1');
  expect((await unitsStatus(out)).counts).toMatchObject({ running: 0, left: PARTS });
  await end();
});
