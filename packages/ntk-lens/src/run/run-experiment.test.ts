import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeNpy, isError } from '@ntk-lens/core';
import { DamagedRunError, NotRunDirectoryError, OtherRunError, openLens } from '@ntk-lens/lens';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyLens } from '@ntk-lens/testing/tiny-lens';
import { describe, expect, it } from 'vitest';
import { defaultRunConfig, type RunConfig } from '../options/run-config.js';
import { writeOutcome } from '../present/write-outcome.js';
import { editSealed } from '../testing/edit-sealed.js';
import type { Experiment } from './experiment.js';
import { type ExperimentOptions, runExperiment } from './run-experiment.js';
import { solveDirectory } from './solve-directory.js';

const lens = tinyLens(openLens);
const config: RunConfig = { ...defaultRunConfig, shots: [3], limitTest: 8 };
/** All that the command does with a configuration. */
const runAndShow = async (config: RunConfig, options: ExperimentOptions) => {
  const experiment = await runExperiment(config, options);
  await writeOutcome(experiment);
  return experiment;
};
const setUp = async () => {
  const out = await temporaryDirectory();
  const run = (changed: Partial<RunConfig> = {}, options: ExperimentOptions = {}) =>
    runAndShow({ ...config, ...changed }, { out, lens: lens(), ...options });
  return { out, run };
};
const caught = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );
const bytesOf = async (directory: string): Promise<Record<string, string>> =>
  Object.fromEntries(
    await Promise.all(
      (await readdir(directory))
        .filter((name) => /\.(npy|svg)$/.test(name) || name === 'config.json' || name === 'manifest.json')
        .map(async (name) => [name, (await readFile(join(directory, name))).toString('base64')] as const),
    ),
  );

describe('a run', () => {
  it('leaves the files that docs/architecture.md names, with the layout that it gives', async () => {
    const { out, run } = await setUp();
    const experiment = await run();
    expect((await readdir(out)).sort()).toEqual(
      [
        ...['train', 'dev', 'test'].flatMap((split) => [
          `${split}.npy`,
          `${split}_labels.npy`,
          `${split}_logits.npy`,
        ]),
        ...[
          'accuracy.svg',
          'config.json',
          'examples.json',
          'kernel.svg',
          'manifest.json',
          'metrics.json',
          'predictions.csv',
          'table.csv',
          'table.md',
          'table.tex',
        ],
      ].sort(),
    );
    const kernel = decodeNpy(await readFile(join(out, 'test.npy')));
    expect([kernel.dtype, ...kernel.shape]).toEqual(['float64', 6, 2, 8, 2]);
    const stored: Experiment = JSON.parse(await readFile(join(out, 'metrics.json'), 'utf8'));
    expect(stored).toEqual(JSON.parse(JSON.stringify(experiment)));
  });
  it('is replayed to the same bytes by the config.json that it wrote', async () => {
    const first = await setUp();
    await first.run({ seeds: [13], binary: true });
    const written = JSON.parse(await readFile(join(first.out, 'config.json'), 'utf8'));
    const second = await setUp();
    await runAndShow(written, { out: second.out, lens: lens() });
    expect(await bytesOf(second.out)).toEqual(await bytesOf(first.out));
  });
  it('reuses finished kernels when it is run again, and solves them to the same numbers', async () => {
    const { out, run } = await setUp();
    const first = await run();
    const bytes = await bytesOf(out);
    const second = await run();
    expect(await bytesOf(out)).toEqual(bytes);
    expect([first.cells[0]!.reused, second.cells[0]!.reused]).toEqual([false, true]);
    expect(second.cells[0]!.scores).toEqual(first.cells[0]!.scores);
    expect(second.cells[0]!.runtime).toEqual(first.cells[0]!.runtime);
  });
  it('removes tiles that a kill left after its kernels were finished, and keeps those of other blocks', async () => {
    const { out, run } = await setUp();
    await run();
    const tiles = join(out, 'tiles');
    const leave = async (...names: string[]) => {
      await mkdir(tiles, { recursive: true });
      for (const name of ['tiles.json', ...names]) await writeFile(join(tiles, name), '{}');
    };
    await leave('sum-0000.json', 'sum-0000-0.npy', 'layer-0000.json');
    await run();
    expect((await readdir(tiles)).sort()).toEqual(['layer-0000.json', 'tiles.json']);
    await rm(tiles, { recursive: true });
    await leave('sum-0000.json', 'sum-0001-0.npy.77.part');
    await run();
    expect(await readdir(out)).not.toContain('tiles');
  });
  it('computes again what was not finished', async () => {
    const { out, run } = await setUp();
    await run();
    await editSealed(join(out, 'manifest.json'), ({ files, ...content }) => {
      const { 'test.npy': _, ...left } = files as Record<string, unknown>;
      return { ...content, files: left };
    });
    expect((await run()).cells[0]!.reused).toBe(false);
  });
  it('refuses kernels whose bytes changed after they were written', async () => {
    const { out, run } = await setUp();
    await run();
    const bytes = await readFile(join(out, 'dev.npy'));
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(join(out, 'dev.npy'), bytes);
    const verified = () => caught(run({}, { verify: true }));
    expect(isError(await verified(), DamagedRunError)).toBe(true);
    await rm(join(out, 'dev.npy'));
    expect(isError(await verified(), DamagedRunError)).toBe(true);
    // What was found is in the manifest.
    expect((await run()).cells[0]!.reused).toBe(true);
  });
  it('refuses a manifest that is not what a run wrote, and replaces it with force', async () => {
    const { out, run } = await setUp();
    await run();
    const file = join(out, 'manifest.json');
    const whole = await readFile(file, 'utf8');
    for (const damage of [
      whole.replace('"ort-cpu"', '"ort-gpu"'),
      whole.replace('"train.npy"', '"Train.npy"'),
    ]) {
      await writeFile(file, damage);
      const error = await caught(run());
      if (!isError(error, DamagedRunError)) throw error;
      expect(error.message).toContain('manifest.json');
    }
    for (const damage of ['', whole.slice(0, 100), '[]']) {
      await writeFile(file, damage);
      expect(isError(await caught(run()), NotRunDirectoryError)).toBe(true);
    }
    await run({}, { force: true });
    expect(await readFile(file, 'utf8')).toBe(whole);
  });
});

describe('an output directory of another run', () => {
  it('is refused with the differing fields named, before any work', async () => {
    const { run } = await setUp();
    await run();
    const seen: string[] = [];
    const onProgress = ({ phase }: { phase: string }) => seen.push(phase);
    const error = await caught(run({ seeds: [13], binary: true, ridge: [0.1] }, { onProgress }));
    if (!isError(error, OtherRunError)) throw error;
    expect(error.differences.map(({ field }) => field)).toEqual(['seed', 'binary', 'dataHash', 'ridge']);
    expect(error.message).toContain('seed: there 42, here 13');
    expect([error.kind, seen]).toEqual(['input', []]);
  });
  it('is refused when only the weights differ', async () => {
    const { run } = await setUp();
    await run();
    const directory = join(await temporaryDirectory(), 'tiny');
    await cp(lens().directory!, directory, { recursive: true });
    const weights = await readFile(join(directory, 'model.safetensors'));
    weights[weights.length - 4]! ^= 1;
    await writeFile(join(directory, 'model.safetensors'), weights);
    const other = await openLens({ model: directory, runtime: lens().runtime });
    const error = await caught(run({}, { lens: other }));
    await other.close();
    if (!isError(error, OtherRunError)) throw error;
    expect(error.differences.map(({ field }) => field)).toEqual(['modelHash']);
  });
  it('is replaced with force, and nothing of the other run remains', async () => {
    const { out, run } = await setUp();
    await run();
    const experiment = await run({ seeds: [13] }, { force: true });
    expect(experiment.cells[0]).toMatchObject({ seed: 13, reused: false });
    const fresh = await setUp();
    await fresh.run({ seeds: [13] });
    expect(await bytesOf(out)).toEqual(await bytesOf(fresh.out));
  });
  it('with only the solver changed keeps its kernels under force', async () => {
    const { run } = await setUp();
    await run();
    expect((await run({ ridge: [0.1] }, { force: true })).cells[0]!.reused).toBe(true);
  });
  it('that no run wrote is refused', async () => {
    const { out, run } = await setUp();
    await writeFile(join(out, 'thesis.tex'), 'x');
    expect(isError(await caught(run()), NotRunDirectoryError)).toBe(true);
    await run({}, { force: true });
    expect(await readFile(join(out, 'thesis.tex'), 'utf8')).toBe('x');
  });
  it('takes the same run with other threads and batch size', async () => {
    const { run } = await setUp();
    await run();
    expect((await run({ threads: 1, batch: 2 })).cells[0]!.reused).toBe(true);
  });
});

describe('several seeds and shots', () => {
  it('have a folder each, are extended without computing again, and give mean ± sd', async () => {
    const { out, run } = await setUp();
    await run({ seeds: [13, 21], shots: [4] });
    const experiment = await run({ seeds: [13, 21, 42], shots: [2, 4] });
    expect(experiment.cells.filter((cell) => cell.reused)).toHaveLength(2);
    expect(await readdir(out)).toContain('4-21-sgd');
    expect(await readFile(join(out, 'table.md'), 'utf8')).toMatch(/\| 2 \| majority .* ± .*\n/);
  });
});

describe('a run without a prompt beside the prompted one', () => {
  it('has a folder, a probe row and a kernel row of its own', async () => {
    const { out, run } = await setUp();
    const experiment = await run({ noPrompt: true, shots: [4] });
    expect(experiment.cells.map((cell) => cell.withoutPrompt)).toEqual([undefined, true]);
    expect((await readdir(out)).filter((name) => name.startsWith('4-42'))).toEqual([
      '4-42-sgd',
      '4-42-sgd-no-prompt',
    ]);
    expect(await readFile(join(out, 'table.md'), 'utf8')).toMatch(
      /zero-shot.*\n.*SGD kernel .*lstsq.*\n.*linear probe, no prompt.*\n.*SGD kernel, no prompt .*lstsq/,
    );
    const again = await run({ noPrompt: true, shots: [4] });
    expect(again.cells.map(({ reused }) => reused)).toEqual([true, true]);
  });
});

describe('kernels without solving', () => {
  it('are solved later from the directory, to the same numbers as in one run', async () => {
    const apart = await setUp();
    await apart.run({}, { solve: false });
    expect(await readdir(apart.out)).not.toContain('table.md');
    const { solver, ridge, f0Scales } = config;
    const solved = await solveDirectory(apart.out, { solver, ridge, f0Scales });
    const whole = await setUp();
    expect(solved.scores).toEqual((await whole.run()).cells[0]!.scores);
    expect((await apart.run()).cells[0]!.reused).toBe(true);
  });
});

it('a cancelled run stops with CANCELLED or AbortError and resumes', async () => {
  const { run } = await setUp();
  const controller = new AbortController();
  const error = await caught(
    run(
      { seeds: [13, 21] },
      {
        signal: controller.signal,
        onProgress: ({ phase }) => phase.includes('21-sgd') && controller.abort(),
      },
    ),
  );
  expect(error).toMatchObject({ kind: 'cancelled' });
  const { cells } = await run({ seeds: [13, 21] });
  expect(cells.map(({ reused }) => reused)).toEqual([true, false]);
});
