import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isError } from '@ntk-lens/core';
import {
  DamagedRunError,
  loadKernel,
  NoKernelsError,
  OtherRunError,
  openLens,
  RunVersionError,
} from '@ntk-lens/lens';
import { MissingFlippedKernelError } from '@ntk-lens/solvers';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyLens } from '@ntk-lens/testing/tiny-lens';
import { describe, expect, it } from 'vitest';
import { defaultRunConfig, type RunConfig } from '../options/run-config.js';
import { solveTable } from '../present/solve-table.js';
import { editSealed } from '../testing/edit-sealed.js';
import { runCli } from '../testing/run-cli.js';
import { version1Identity, writeVersion1Run } from '../testing/version-1-run.js';
import { convertToTorch } from './convert-to-torch.js';
import { type ExperimentOptions, runExperiment } from './run-experiment.js';
import { solveDirectories } from './solve-directories.js';
import { solveDirectory } from './solve-directory.js';

const grids = { solver: 'lstsq', ridge: [0, 0.1], f0Scales: [null] } as const;
const lens = tinyLens(openLens);
const config: RunConfig = { ...defaultRunConfig, shots: [4], limitTest: 8 };
const runInto = (out: string, changed: Partial<RunConfig> = {}, options: ExperimentOptions = {}) =>
  runExperiment({ ...config, ...changed }, { out, lens: lens(), ...options });
const caught = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );
const manifestOf = async (directory: string) =>
  JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8'));
const setManifest = async (directory: string, fields: Readonly<Record<string, unknown>>) =>
  editSealed(join(directory, 'manifest.json'), (content) => ({ ...content, ...fields }));
const contentOf = async (directory: string) =>
  Object.fromEntries(
    await Promise.all(
      (await readdir(directory, { withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map(async ({ name }) => [name, (await readFile(join(directory, name))).toString('base64')] as const),
    ),
  );

it('a run writes version 3', async () => {
  const out = await temporaryDirectory();
  await runInto(out);
  expect(await manifestOf(out)).toMatchObject({ format: 'ntk-lens-run', version: 3 });
});

describe('finished kernels of version 1', () => {
  it('are read and solved, and written for LM-Kernel-FT', async () => {
    const out = await temporaryDirectory();
    await writeVersion1Run(out);
    const { splits, hasLogits } = await loadKernel(out);
    expect([splits.test.kernel.shape, hasLogits]).toEqual([[4, 2, 6, 2], true]);
    const solved = await solveDirectory(out, grids);
    expect(solved.scores.kernel.test.accuracy).toBe(1);
    expect(solved.kernel).toEqual(version1Identity);
    const { code, stdout } = await runCli(['solve', out, '--quiet', '--json']);
    expect([code, JSON.parse(stdout)[0].scores.kernel.test.accuracy]).toEqual([0, 1]);
    const converted = await convertToTorch(out, { out: join(out, 'pt') });
    expect(converted.files).toContain('test_kernels_sst-2.pt');
  });

  it('are checked against their hashes', async () => {
    const out = await temporaryDirectory();
    await writeVersion1Run(out);
    const bytes = await readFile(join(out, 'test.npy'));
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(join(out, 'test.npy'), bytes);
    for (const work of [
      () => loadKernel(out),
      () => solveDirectory(out, grids),
      () => convertToTorch(out, { out: `${out}-pt` }),
    ])
      expect(isError(await caught(work()), DamagedRunError)).toBe(true);
  });

  it('take no run, which says what is there, what is expected and what to do, before anything is read or written', async () => {
    const out = await temporaryDirectory();
    await runInto(out);
    await setManifest(out, { version: 1 });
    const before = await contentOf(out);
    const seen: unknown[] = [];
    // The very same run: its kernels are not taken over.
    const error = await caught(runInto(out, {}, { onProgress: (event) => seen.push(event) }));
    if (!isError(error, RunVersionError)) throw error;
    expect([error.kind, error.found, error.expected]).toEqual(['input', 1, 3]);
    expect(error.message).toContain(
      `${out}: found version 1 of the run format (finished kernels), expected version 3.`,
    );
    expect(error.message).toMatch(
      /"ntk-lens solve".* still read .*Remove the folder, give --force .*another --out/,
    );
    expect(seen).toEqual([]);
    expect(await contentOf(out)).toEqual(before);
  });

  it('are replaced with force as if nothing had been there', async () => {
    const out = await temporaryDirectory();
    await runInto(out);
    await setManifest(out, { version: 1 });
    expect((await runInto(out, {}, { force: true })).cells[0]!.reused).toBe(false);
    const fresh = await temporaryDirectory();
    await runInto(fresh);
    const both = await Promise.all([out, fresh].map(contentOf));
    for (const name of ['manifest.json', 'train.npy', 'test.npy', 'config.json'])
      expect(both[0]![name], name).toBe(both[1]![name]);
    expect(Object.keys(both[0]!).sort()).toEqual(Object.keys(both[1]!).sort());
  });

  it('of several seeds are solved together, and take no run either', async () => {
    const out = await temporaryDirectory();
    const own = (seed: number) => ({ ...version1Identity, seed });
    await writeVersion1Run(join(out, '2-13-sgd'), { kernel: own(13) });
    await writeVersion1Run(join(out, '2-21-sgd'), { kernel: own(21) });
    await writeVersion1Run(out, { kernel: { kind: 'collection', task: 'SST-2' }, files: {} });
    expect(await solveDirectories([out], grids)).toHaveLength(2);
    const error = await caught(runInto(out, { seeds: [13, 21] }));
    if (!isError(error, RunVersionError)) throw error;
    expect(error.message).toContain('(a run of several kernels)');
  });
});

describe('unfinished work of version 1', () => {
  it('is refused by whoever wants to read it or to go on', async () => {
    const out = await temporaryDirectory();
    await writeVersion1Run(out, { unlisted: ['test.npy', 'test_labels.npy'] });
    for (const work of [
      () => loadKernel(out),
      () => solveDirectory(out, grids),
      () => convertToTorch(out, { out: `${out}-pt` }),
      () => runInto(out),
    ]) {
      const error = await caught(work());
      if (!isError(error, RunVersionError)) throw error;
      expect(error.message).toMatch(
        /found version 1 .*\(unfinished kernels\), expected version 3\..*cannot continue unfinished work.*--force/,
      );
    }
    const { code, stderr } = await runCli(['solve', out, '--quiet']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('unfinished kernels')]);
    await runInto(out, {}, { force: true });
    expect(await manifestOf(out)).toMatchObject({ version: 3 });
  });

  it('of this version are answered with what is missing', async () => {
    const out = await temporaryDirectory();
    await writeVersion1Run(out, { version: 3, unlisted: ['test.npy'] });
    expect(isError(await caught(loadKernel(out)), NoKernelsError)).toBe(true);
  });
});

it('a run of a later version is refused, even with force', async () => {
  const out = await temporaryDirectory();
  await writeVersion1Run(out, { version: 4 });
  for (const work of [() => loadKernel(out), () => runInto(out), () => runInto(out, {}, { force: true })]) {
    const error = await caught(work());
    if (!isError(error, RunVersionError)) throw error;
    expect(error.message).toMatch(/found version 4 .*expected version 3.*newer ntk-lens/);
  }
});

describe('the formula of a manifest', () => {
  it('may be an object with settings, which readers take for its name', async () => {
    const out = await temporaryDirectory();
    const formula = { name: 'adam', beta2: 0.999, prepared: { steps: 3 } };
    await writeVersion1Run(out, { version: 3, kernel: { ...version1Identity, formula } });
    const solved = await solveDirectory(out, grids);
    expect(solved.kernel?.['formula']).toEqual(formula);
    const other = await temporaryDirectory();
    await writeVersion1Run(other, { version: 3 });
    const plain = await solveDirectory(other, grids);
    const names = solveTable([solved, solved, plain, plain]).rows.map(({ cells }) => cells[0]);
    expect(names.slice(-2)).toEqual(['mean ± sd of SST-2 2-shot adam', 'mean ± sd of SST-2 2-shot sgd']);
    const later = await temporaryDirectory();
    const settings = { ...formula, prepared: { steps: 4 } };
    await writeVersion1Run(later, { version: 3, kernel: { ...version1Identity, formula: settings } });
    const both = [solved, solved, await solveDirectory(later, grids), plain, plain];
    const told = solveTable([...both, both[2]!]).rows.map(({ cells }) => cells[0]);
    expect(told.slice(-3)).toEqual([
      'mean ± sd of SST-2 2-shot adam (prepared (steps 3))',
      'mean ± sd of SST-2 2-shot adam (prepared (steps 4))',
      'mean ± sd of SST-2 2-shot sgd',
    ]);
    expect(await convertToTorch(out, { out: join(out, 'pt') })).toMatchObject({ task: 'sst-2' });
  });

  it('is shown as it is where no formula of that name is known', async () => {
    const out = await temporaryDirectory();
    await writeVersion1Run(out, { version: 3, kernel: { ...version1Identity, formula: 'fisher' } });
    const solved = await solveDirectory(out, grids);
    const rows = solveTable([solved, solved, { ...solved, kernel: version1Identity }]).rows;
    expect(rows.at(-1)!.cells[0]).toBe('mean ± sd of SST-2 2-shot fisher');
    expect(await convertToTorch(out, { out: join(out, 'pt') })).toMatchObject({ task: 'sst-2' });
  });

  it('tells A-SignGD, as a name or with settings, from kernels without flipped ones', async () => {
    for (const formula of ['a-signgd', { name: 'a-signgd', keepNoise: true }]) {
      const out = await temporaryDirectory();
      await writeVersion1Run(out, { version: 3, kernel: { ...version1Identity, formula } });
      expect(isError(await caught(solveDirectory(out, grids)), MissingFlippedKernelError)).toBe(true);
    }
  });

  it('is another run with other settings', async () => {
    const out = await temporaryDirectory();
    await runInto(out);
    const { kernel } = await manifestOf(out);
    await setManifest(out, { kernel: { ...kernel, formula: { name: 'sgd', scale: 2 } } });
    const error = await caught(runInto(out));
    if (!isError(error, OtherRunError)) throw error;
    expect(error.differences).toEqual([
      { field: 'formula', found: '{"name":"sgd","scale":2}', expected: '"sgd"' },
    ]);
  });
});
