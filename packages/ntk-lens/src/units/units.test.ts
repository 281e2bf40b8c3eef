import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isError, readSealedJson, writeSealedJson } from '@ntk-lens/core';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { beforeAll, expect, it } from 'vitest';
import { comparableFiles } from '../testing/kills/compare-files.js';
import { runCli } from '../testing/run-cli.js';
import { assembleUnits } from './assemble.js';
import {
  DamagedUnitsError,
  MissingUnitsError,
  PlaceNeededError,
  UnitsFailedError,
  WorkerKindError,
} from './errors.js';
import { readUnits, unitsName } from './manifest.js';
import { runWorker, type WorkerOptions } from './run-worker.js';
import { unitsStatus } from './status.js';

let root: string;
let model: string;
/** A directory in which units are planned. */
let planned: string;
let argv: readonly string[];

beforeAll(async () => {
  root = await temporaryDirectory();
  model = await tinyModel(join(root, 'tiny'));
  argv = [
    ...['--model', model, '--shots', '2', '--limit-test', '9', '--formula', 'sgd,cosine', '--threads', '1'],
    '--quiet',
  ];
  planned = join(root, 'planned');
  const { code, stderr } = await runCli(['run', ...argv, '--out', planned, '--plan-units', '--workers', '6']);
  expect(stderr).toMatch(/written to/);
  expect(code).toBe(0);
});

const copied = async (name: string): Promise<string> => {
  const out = join(root, name);
  await cp(planned, out, { recursive: true });
  return out;
};
const work = (out: string, own: Partial<WorkerOptions>) =>
  runWorker(out, { index: 0, of: 1, places: { model }, ...own });
const edit = async (out: string, change: (fields: Record<string, unknown>) => Record<string, unknown>) => {
  const { fields } = (await readSealedJson(join(out, unitsName)))!;
  await writeSealedJson(join(out, unitsName), change(structuredClone(fields!) as Record<string, unknown>));
};
const tilesIn = async (out: string): Promise<readonly string[]> =>
  (await readdir(out, { recursive: true })).filter((name) =>
    /tiles\/(sum|layer|parameter)-\d+\.json$/.test(name),
  );

it('a manifest lists counted units, the kind of worker, and no path outside of its directory', async () => {
  const { units, kind, given, workers, config } = await readUnits(planned);
  expect({ workers, given }).toEqual({ workers: 6, given: ['model'] });
  expect(config).toMatchObject({ formulas: ['sgd', 'cosine'], threads: 1 });
  expect(kind).toMatchObject({ runtime: expect.stringMatching(/^ort|^tfjs/), threads: 1 });
  expect(units.length).toBeGreaterThanOrEqual(6);
  for (const { flops, bytes, peakBytes, part } of units) {
    expect(flops).toBeGreaterThan(0);
    expect(bytes).toBeGreaterThan(0);
    expect(peakBytes).toBeGreaterThan(2 ** 20);
    expect(part?.tiles.length).toBeGreaterThan(0);
  }
  expect(await readFile(join(planned, unitsName), 'utf8')).not.toContain(root);
  const inside = await runCli(['status', planned, '--json']);
  expect(JSON.parse(inside.stdout).counts).toEqual({ done: 0, running: 0, failed: 0, left: units.length });
});

it('a kernel without a prompt is counted, and of one in a random subspace the table says that it is not', async () => {
  const planOf = async (name: string, ...own: readonly string[]) => {
    const out = join(root, name);
    const { code, stdout, stderr } = await runCli([
      ...['kernel', '--model', model, '--shots', '2', '--limit-test', '9', '--formula', 'sgd', '--quiet'],
      ...['--threads', '1', '--out', out, '--plan-units', '--workers', '2', ...own],
    ]);
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('error')]);
    return { stdout, units: (await readUnits(out)).units };
  };
  const { stdout, units } = await planOf('no-prompt', '--no-prompt');
  expect(stdout).not.toContain('not counted');
  const [whole, ...more] = units.filter(({ part }) => part === undefined);
  expect(more).toEqual([]);
  // A kernel of as many outputs takes about as much with a prompt.
  const prompted = units.filter(({ part }) => part !== undefined);
  const sum = prompted.reduce((all, { flops }) => all + flops!, prompted[0]!.onceFlops!);
  expect(whole!.flops! / sum).toBeGreaterThan(0.2);
  expect(whole!.flops! / sum).toBeLessThan(5);
  expect(whole!.bytes).toBe(prompted.reduce((all, { bytes }) => all + bytes!, 0));
  expect(whole!.peakBytes).toBeGreaterThan(2 ** 20);

  const random = await planOf('random', '--space', 'intrinsic:8');
  const count = random.units.length;
  expect(random.units.map(({ flops }) => flops)).toEqual(random.units.map(() => undefined));
  expect(random.stdout).toContain(
    `the work of ${count} of ${count} units is not counted: they compute kernels of random subspaces`,
  );
});

it('workers in any order, one of them stopped and two of them with one index, leave the bytes of one process', async () => {
  const alone = await copied('alone');
  expect((await runCli(['run', ...argv, '--out', alone])).code).toBe(0);

  const shared = await copied('shared');
  const controller = new AbortController();
  const stopped = work(shared, {
    index: 2,
    of: 3,
    signal: controller.signal,
    onUnit: () => controller.abort(),
  });
  await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' });
  const halfway = await runCli(['worker', '--units', shared, '--assemble', '--model', model]);
  expect(halfway.code).toBe(2);
  expect(halfway.stderr).toMatch(/units are unfinished or damaged/);
  const [second, twice] = await Promise.all([
    work(shared, { index: 1, of: 3 }),
    work(shared, { index: 1, of: 3 }),
  ]);
  expect([...second.computed, ...second.known].sort()).toEqual([...twice.computed, ...twice.known].sort());
  const third = await runCli(['worker', '--units', shared, '--index', '2/3', '--model', model]);
  expect(third).toMatchObject({ code: 0, stdout: expect.stringContaining('computed') });
  expect((await work(shared, { index: 0, of: 3 })).computed.length).toBeGreaterThan(0);
  expect((await work(shared, {})).computed).toEqual([]);

  // A file that is lost is found, and its unit alone is computed again.
  const [lost] = await tilesIn(shared);
  await rm(join(shared, lost!));
  await expect(assembleUnits(shared, { places: { model } })).rejects.toMatchObject({
    code: MissingUnitsError.code,
  });
  expect((await work(shared, {})).computed).toHaveLength(1);

  const assembled = await runCli(['worker', '--units', shared, '--assemble', '--model', model]);
  expect(assembled.code).toBe(0);
  expect(assembled.stdout).toContain('SGD kernel');
  expect(existsSync(join(shared, 'units'))).toBe(false);
  expect(await tilesIn(shared)).toEqual([]);
  expect(await comparableFiles(shared)).toEqual(await comparableFiles(alone));
  expect((await unitsStatus(shared)).counts.left).toBe(0);
});

it('a worker of another kind is refused, by the name of what differs', async () => {
  const other = await tinyModel(join(root, 'other'));
  const config = JSON.parse(await readFile(join(other, 'config.json'), 'utf8'));
  await writeFile(join(other, 'config.json'), JSON.stringify({ ...config, layer_norm_eps: 1e-3 }));
  const out = await copied('kinds');
  const refusal = async (own: Partial<WorkerOptions> = {}) => {
    const error = await work(out, own).catch((reason: unknown) => reason);
    if (!isError(error, WorkerKindError)) throw error;
    return error.message;
  };
  expect(await refusal({ places: { model: other } })).toMatch(/model hash: found \w+, expected/);
  const changed = async (change: Parameters<typeof edit>[1]) => {
    await edit(out, change);
    const message = await refusal();
    await cp(join(planned, unitsName), join(out, unitsName));
    return message;
  };
  const withKind = (own: object) => (fields: Record<string, unknown>) => ({
    ...fields,
    kind: { ...(fields['kind'] as object), ...own },
  });
  expect(await changed(withKind({ instructions: 'abacus' }))).toMatch(
    /instruction set: found .*expected abacus/,
  );
  expect(await changed(withKind({ program: 'ntk-lens 0.0.1' }))).toMatch(
    /program: .*expected ntk-lens 0\.0\.1/,
  );
  expect(await changed(withKind({ version: '0.1' }))).toMatch(/version: found .*expected 0\.1/);
  const otherData = (fields: Record<string, unknown>) => ({
    ...fields,
    units: (fields['units'] as object[]).map((unit) => ({ ...unit, data: 'ab'.repeat(32) })),
  });
  expect(await changed(otherData)).toMatch(/data of .*: found \w+, expected abab/);
  await expect(work(out, { places: {} })).rejects.toMatchObject({ code: PlaceNeededError.code });
  expect((await runCli(['worker', '--units', out, '--index', '0/1'])).stderr).toMatch(/with --model outside/);
  expect((await runCli(['worker', '--units', root, '--index', '0'])).stderr).toMatch(/has no units\.json/);
  expect((await runCli(['worker', '--units', out, '--index', '3/3'])).stderr).toMatch(/from 0 to n − 1/);
  expect((await runCli(['worker', '--units', out])).stderr).toMatch(
    /--index, --slurm, --redis and --assemble/,
  );
  expect(await tilesIn(out)).toEqual([]);
});

it.each<[string, (fields: Record<string, unknown>) => Record<string, unknown>]>([
  ['an absolute path', (f) => ({ ...f, units: [{ ...(f['units'] as object[])[0], folder: '/etc' }] })],
  ['a path upwards', (f) => ({ ...f, units: [{ ...(f['units'] as object[])[0], folder: 'a/../../b' }] })],
  ['a drive', (f) => ({ ...f, units: [{ ...(f['units'] as object[])[0], folder: 'C:\\x' }] })],
  ['a model elsewhere', (f) => ({ ...f, config: { ...(f['config'] as object), model: '/models/m' } })],
  ['data elsewhere', (f) => ({ ...f, config: { ...(f['config'] as object), data: '../data' } })],
  ['an unknown field', (f) => ({ ...f, shell: 'rm' })],
  ['no units', (f) => ({ ...f, units: [] })],
  ['another version', (f) => ({ ...f, version: 99 })],
])('a manifest with %s is refused', async (_, change) => {
  const out = join(root, `damaged-${Math.random()}`);
  await mkdir(out);
  await cp(join(planned, unitsName), join(out, unitsName));
  await edit(out, change);
  await expect(readUnits(out)).rejects.toMatchObject({ code: DamagedUnitsError.code });
  await cp(join(planned, unitsName), join(out, unitsName));
  const text = await readFile(join(out, unitsName), 'utf8');
  await writeFile(join(out, unitsName), text.replace('"workers": 6', '"workers": 7'));
  await expect(readUnits(out)).rejects.toThrow(/does not fit its SHA-256/);
});

it('a folder of a unit that is a link to a place outside is refused, and nothing is written there', async () => {
  const out = await copied('linked');
  const elsewhere = join(root, 'elsewhere');
  await mkdir(elsewhere);
  const { folder } = (await readUnits(out)).units[0]!;
  await rm(join(out, folder), { recursive: true });
  await symlink(elsewhere, join(out, folder), 'dir');
  await expect(work(out, {})).rejects.toThrow(/is a link to a place outside of the directory/);
  expect(await readdir(elsewhere)).toEqual([]);
  // One that leads to a place inside is none.
  await rm(join(out, folder));
  await cp(join(planned, folder), join(out, 'moved'), { recursive: true });
  await symlink(join(out, 'moved'), join(out, folder), 'dir');
  expect((await readUnits(out)).units.length).toBeGreaterThan(0);
});

it('a unit that fails three times is named with its error, and the rest finishes', async () => {
  const out = await copied('failing');
  const { units } = await readUnits(out);
  const bad = units.findIndex(({ part }) => part !== undefined);
  const { folder, part, name } = units[bad]!;
  const blocked = join(out, folder, 'tiles', `${part!.tiles[0]}-0.npy`);
  await mkdir(join(blocked, 'full'), { recursive: true });
  const error = await work(out, {}).catch((reason: unknown) => reason);
  if (!isError(error, UnitsFailedError)) throw error;
  expect(error.message).toContain(`${name}, 3 times:`);
  expect(error.message).not.toContain(root);
  const { counts, units: states } = await unitsStatus(out);
  expect(counts).toEqual({ done: units.length - 1, running: 0, failed: 1, left: 0 });
  expect(states[bad]).toMatchObject({ state: 'failed', failures: 3 });
  const { stdout } = await runCli(['status', out]);
  expect(stdout).toMatch(/1 failed, 0 left/);
  await rm(blocked, { recursive: true });
  // It is not tried again unless that is asked for.
  await expect(work(out, {})).rejects.toMatchObject({ code: UnitsFailedError.code });
  expect((await work(out, { retry: true })).computed).toEqual([name]);
});

it('with --mixed a worker of another kind is recorded, and held to the tolerance of the plan', async () => {
  const out = await copied('mixed');
  const { kind, units } = await readUnits(out);
  await edit(out, (fields) => ({ ...fields, kind: { ...kind, instructions: 'abacus' } }));
  const { computed } = await work(out, { index: 0, of: undefined, mixed: true });
  expect(computed).toEqual([units[0]!.name]);
  const [record] = await readdir(join(out, 'mixed'));
  const { fields } = (await readSealedJson(join(out, 'mixed', record!)))!;
  expect(fields).toMatchObject({
    unit: units[0]!.name,
    kind: { instructions: kind.instructions },
    deviation: 0,
  });
  await edit(out, (found) => ({
    ...found,
    probes: { ...(found['probes'] as object), [units[1]!.folder]: [1e9] },
  }));
  const error = await work(out, { index: 1, of: undefined, mixed: true }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: 'TOLERANCE',
    message: expect.stringMatching(/deviates by .* of its largest/),
  });
});
