import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeNpy, isError, type NDArray, type ProgressEvent, type SplitName } from '@ntk-lens/core';
import { MemoryBudgetError, textbookKernel } from '@ntk-lens/kernels';
import { adam, formulaOf, type KernelFormula } from '@ntk-lens/kernels/formulas';
import { loadKernel, OtherRunError } from '@ntk-lens/lens';
import { loadModel, readSecondMoment, type SecondMoment } from '@ntk-lens/models';
import { sampled } from '@ntk-lens/testing/sampled';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultRunConfig, type RunConfig } from '../options/run-config.js';
import { writeOutcome } from '../present/write-outcome.js';
import { writeAdamState } from '../testing/adam-state.js';
import { type UsedWords, usedWords } from '../testing/used-words.js';
import type { Experiment } from './experiment.js';
import { withExperiment } from './prepare-experiment.js';
import { runExperiment } from './run-experiment.js';

let config: RunConfig;
let [model, folder] = ['', ''];
beforeAll(async () => {
  folder = await temporaryDirectory();
  model = await tinyModel(join(folder, 'tiny'));
  const machine = { runtime: 'ort-cpu', threads: 1 };
  config = { ...defaultRunConfig, ...machine, model, shots: [2], limitTest: 3 };
});

const newPath = async (): Promise<string> => join(await temporaryDirectory(), 'out');
const kernelIn = async (path: string, split: SplitName = 'test'): Promise<NDArray> =>
  decodeNpy(await readFile(join(path, `${split}.npy`)));

/** The kernel of the first sample as its definition says, from all gradients in memory. */
const textbook = async (
  changed: Partial<RunConfig>,
  formulaFor: (words: UsedWords) => KernelFormula,
): Promise<NDArray> => {
  const whole = { ...config, ...changed };
  return withExperiment(
    whole,
    {},
    async () => {},
    async (_, cells) => {
      const { examples, gold, range, labelWordIds } = cells[0]!.task;
      const { train, test } = examples;
      const ids = labelWordIds.flat();
      const words = await usedWords(model, [...train, ...test], ids);
      try {
        const { kernel } = await textbookKernel({
          ...{ model: words.model, formula: formulaFor(words), binary: whole.binary },
          ...{ train: train.map(words.example), queries: test.map(words.example) },
          ...{ labels: gold.train, labelWordIds: ids.map(words.word) },
          ...(range && { range }),
        });
        return kernel;
      } finally {
        await words.model.close();
      }
    },
  );
};

/** A formula of a state, whose rows are words in use. */
const withState =
  (state: SecondMoment) =>
  ({ rows }: UsedWords): KernelFormula =>
    adam({ state: { ...state, read: async (name) => rows(await state.read(name)) } });

/** Adam divides gradients by √v, which is small for some: rounding of float32 was 1.05e-4 of the mean size with AVX2. */
const expectEqual = (found: NDArray, expected: NDArray): void => {
  expect(found.shape).toEqual(expected.shape);
  const size = Math.sqrt([...expected.data].reduce((sum, x) => sum + x * x, 0) / expected.data.length);
  for (const [i, x] of expected.data.entries())
    expect(Math.abs(found.data[i]! - x)).toBeLessThan(2e-4 * size);
};

const folderOf = ({ cells }: Experiment, formula: string): string =>
  cells.find((cell) => cell.formula === formula)!.directory;

describe('formulas in a run', () => {
  it.each(sampled([false, true], 1))('have the kernels of their definitions, binary: %s', async (binary) => {
    const formulas: RunConfig['formulas'] = ['adam', 'cosine'];
    const experiment = await runExperiment({ ...config, formulas, binary }, { out: await newPath() });
    for (const name of formulas)
      expectEqual(
        await kernelIn(folderOf(experiment, name)),
        await textbook({ binary }, () => formulaOf(name)),
      );
    const [{ scores }] = experiment.cells as [Experiment['cells'][number]];
    expect(scores!.kernel.test.accuracy).toBeGreaterThanOrEqual(0);
  });

  it('have kernels of their blocks, which are the whole where they do not add up to it', async () => {
    const formulas: RunConfig['formulas'] = ['adam', 'cosine'];
    const changed = { formulas, blocks: 'layer' as const };
    const experiment = await runExperiment({ ...config, ...changed }, { out: await newPath() });
    for (const name of formulas) {
      const path = folderOf(experiment, name);
      expectEqual(await kernelIn(path), await textbook({}, () => formulaOf(name)));
      const files = (await readdir(join(path, 'blocks'))).filter((file) => file.endsWith('.test.npy'));
      expect(files.length).toBeGreaterThan(2);
    }
    const ones = decodeNpy(await readFile(join(folderOf(experiment, 'cosine'), 'train.npy')));
    const n = ones.shape[0]! * ones.shape[1]!;
    for (let i = 0; i < n; i++) expect(ones.data[i * n + i]!).toBeCloseTo(1, 6);
  });

  it('take the scores of a regression, in their range, for labels', async () => {
    const data = await temporaryDirectory();
    const rows = ['cat', 'dog', 'sea'].map((word, i) => `a ${word}\tthe ${word}\t${0.4 + 1.9 * i}`);
    for (const split of ['train', 'dev', 'test'])
      await writeFile(join(data, `${split}.tsv`), `sentence1\tsentence2\tscore\n${rows.join('\n')}\n`);
    const own = { task: 'STS-B', data, binary: true };
    const out = await newPath();
    await runExperiment({ ...config, ...own, formulas: ['adam'] }, { out });
    expectEqual(await kernelIn(out), await textbook(own, () => formulaOf('adam')));
  });

  it('go on after an interruption, to the same bytes', async () => {
    const formulas: RunConfig['formulas'] = ['adam'];
    const refused = await runExperiment({ ...config, formulas, memory: 1 }, { out: await newPath() }).catch(
      (error: unknown) => error,
    );
    if (!isError(refused, MemoryBudgetError)) throw refused;
    // A few pairs of examples more than the smallest budget.
    const own = { ...config, formulas, memory: refused.smallest + 60_000 };
    const [out, whole] = [await newPath(), await newPath()];
    const controller = new AbortController();
    // The second sweep of tiles begins.
    const onProgress = ({ detail }: ProgressEvent) => /tile (?!1\b)/.test(detail ?? '') && controller.abort();
    await expect(runExperiment(own, { out, signal: controller.signal, onProgress })).rejects.toMatchObject({
      kind: 'cancelled',
    });
    expect(await readdir(join(out, 'tiles'))).toContain('sum-0001.json');
    await runExperiment(own, { out });
    await runExperiment(own, { out: whole });
    expect(await readFile(join(out, 'test.npy'))).toEqual(await readFile(join(whole, 'test.npy')));
  });

  it('stand in manifests by their names, with settings where they have any', async () => {
    const experiment = await runExperiment(
      { ...config, formulas: ['adam', 'cosine'] },
      { out: await newPath(), solve: false },
    );
    const stored = async (name: string) => (await loadKernel(folderOf(experiment, name))).identity['formula'];
    expect(await stored('cosine')).toBe('cosine');
    expect(await stored('adam')).toEqual({
      name: 'adam',
      v: 'mean of squared gradients over the training examples',
      loss: 'cross-entropy',
      eps: 1e-8,
    });
  });
});

describe('the formula of Adam with the state of an optimizer', () => {
  it('has the kernel of that state, and says which one it is', async () => {
    const [file, out] = [join(folder, 'optimizer.pt'), await newPath()];
    await writeAdamState(file, model);
    const own = { ...config, formulas: ['adam' as const], optimizerState: file };
    const first = await runExperiment(own, { out });
    const loaded = await loadModel(model);
    const state = await readSecondMoment(file, loaded);
    expectEqual(await kernelIn(out), await textbook({}, withState(state)));
    expect((await loadKernel(out)).identity['formula']).toEqual({
      name: 'adam',
      v: {
        file: 'optimizer.pt',
        format: state.describe['format'],
        order: state.describe['order'],
        sha256: state.sha256,
        step: 3,
        beta2: 0.99,
        beta2From: 'file',
        names: 'param_names in the file',
        without: [],
      },
      ...{ beta2: 0.99, step: 3, eps: 1e-8 },
    });
    await state.close();
    await loaded.close();
    await writeOutcome(first);
    const table = await readFile(join(out, 'table.md'), 'utf8');
    expect(table.replaceAll('\\', '')).toMatch(
      /formula Adam with v \(file optimizer\.pt, .*sha256 [0-9a-f]{8}…, beta2 from file, names param_names in the file\), beta2 0\.99, step 3, eps 1e-8/,
    );

    // The same run finds its kernels; its own config.json says the same.
    expect((await runExperiment(own, { out })).cells[0]!.reused).toBe(true);
    const written: RunConfig = JSON.parse(await readFile(join(out, 'config.json'), 'utf8'));
    expect((await runExperiment(written, { out })).cells[0]!.reused).toBe(true);
    expect(first.cells[0]!.reused).toBe(false);

    // Another state is another run, and so is none.
    await writeAdamState(file, model, { step: 4 });
    const other = await runExperiment(own, { out }).catch((error: unknown) => error);
    if (!isError(other, OtherRunError)) throw other;
    expect(other.differences.map(({ field }) => field)).toEqual([
      'formula.v.sha256',
      'formula.v.step',
      'formula.step',
    ]);
    const { optimizerState: _, ...without } = own;
    const none = await runExperiment(without, { out }).catch((error: unknown) => error);
    expect(isError(none, OtherRunError)).toBe(true);
  });

  it('takes names and β₂ where the file has none', async () => {
    const [file, list, out] = [join(folder, 'numbered.pt'), join(folder, 'names.json'), await newPath()];
    await writeFile(list, JSON.stringify(await writeAdamState(file, model, { named: false, beta2: null })));
    const changed = { optimizerState: file, optimizerNames: list, optimizerBeta2: 0.95 };
    await runExperiment({ ...config, formulas: ['adam'], ...changed }, { out, solve: false });
    const loaded = await loadModel(model);
    const state = await readSecondMoment(file, loaded, { names: list, beta2: 0.95 });
    expectEqual(await kernelIn(out), await textbook({}, withState(state)));
    expect((await loadKernel(out)).identity['formula']).toMatchObject({
      beta2: 0.95,
      v: { beta2From: 'option', names: 'given names' },
    });
    await state.close();
    await loaded.close();
  });

  it('is of all parameters that the optimizer trained', async () => {
    const [file, out] = [join(folder, 'partly.pt'), await newPath()];
    await writeAdamState(file, model, { trained: (name) => !name.includes('embeddings') });
    const own = { ...config, formulas: ['adam' as const], optimizerState: file };
    await expect(runExperiment(own, { out })).rejects.toMatchObject({
      code: 'NO_SECOND_MOMENT',
      kind: 'input',
    });
    const trained = { exclude: ['*embeddings*', '*decoder.weight'] };
    const { cells } = await runExperiment({ ...own, parameters: trained }, { out, solve: false });
    expect(cells[0]!.reused).toBe(false);
  });
});
