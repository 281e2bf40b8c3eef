import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeNpy, isError } from '@ntk-lens/core';
import { LabelOrderError, loadKernel, openLens } from '@ntk-lens/lens';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyLens } from '@ntk-lens/testing/tiny-lens';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultRunConfig, type RunConfig } from '../options/run-config.js';
import { version1Identity, writeVersion1Run } from '../testing/version-1-run.js';
import { convertToTorch } from './convert-to-torch.js';
import { runExperiment } from './run-experiment.js';
import { solveDirectory } from './solve-directory.js';

const grids = { solver: 'lstsq', ridge: [0.1], f0Scales: [null] } as const;
const before = ['not_entailment', 'entailment'];
const now = ['entailment', 'not_entailment'];
const caught = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

let data: string;
beforeAll(async () => {
  data = join(await temporaryDirectory(), 'QNLI');
  const lines = ['no', 'yes', 'no', 'yes'].map((word, i) => {
    const label = word === 'yes' ? 'entailment' : 'not_entailment';
    return `${i}\tIs it ${word} ${i}?\tIt is ${word} ${i}.\t${label}`;
  });
  await mkdir(data);
  for (const split of ['train', 'dev', 'test'])
    await writeFile(join(data, `${split}.tsv`), `index\tquestion\tsentence\tlabel\n${lines.join('\n')}\n`);
});
const config = (changed: Partial<RunConfig> = {}): RunConfig => ({
  ...defaultRunConfig,
  task: 'QNLI',
  data,
  shots: [2],
  ...changed,
});
const lens = tinyLens(openLens);

it('a run of QNLI has logit 0, label 0 and the first row of its axes for entailment', async () => {
  const out = await temporaryDirectory();
  await runExperiment(config(), { out, lens: lens() });
  const { labelWordIds } = await lens().task('QNLI', { data, shots: 2 });
  expect(labelWordIds).toEqual(['yes', 'no'].map((word) => lens().tokenizer.tokenToId(word)));
  for (const split of ['train', 'dev', 'test'])
    expect([...decodeNpy(await readFile(join(out, `${split}_labels.npy`))).data]).toEqual([1, 0, 1, 0]);
  const manifest = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'));
  expect(manifest.kernel).toMatchObject({ task: 'QNLI', labels: now });
  expect(manifest.kernel).not.toHaveProperty('labelsFrom');
});

describe.each([1, 2])('a stored run of the old order, version %i', (version) => {
  it.each(['QNLI', 'RTE'])('of %s is refused by readers with the reason and what to do', async (task) => {
    const out = await temporaryDirectory();
    await writeVersion1Run(out, { version, kernel: { ...version1Identity, task, labels: before } });
    for (const work of [
      () => loadKernel(out),
      () => solveDirectory(out, grids),
      () => convertToTorch(out, { out: `${out}-pt` }),
    ]) {
      const error = await caught(work());
      if (!isError(error, LabelOrderError)) throw error;
      expect(error.kind).toBe('input');
      expect(error.message).toContain(
        `the order of labels of ${task} changed since this run: found not_entailment, entailment, expected entailment, not_entailment`,
      );
      expect(error.message).toMatch(/remove the folder, give --force .*another --out/);
    }
  });

  it('takes no run, and is replaced with force', async () => {
    const out = await temporaryDirectory();
    await runExperiment(config(), { out, lens: lens() });
    const file = join(out, 'manifest.json');
    const fresh = await readFile(file, 'utf8');
    const { kernel, ...rest } = JSON.parse(fresh);
    await writeFile(file, JSON.stringify({ ...rest, version, kernel: { ...kernel, labels: before } }));
    expect(isError(await caught(runExperiment(config(), { out, lens: lens() })), LabelOrderError)).toBe(true);
    await runExperiment(config(), { out, lens: lens(), force: true });
    expect(await readFile(file, 'utf8')).toBe(fresh);
  });
});

it('a run of several kernels of version 1, which did not record its labels, had the old order', async () => {
  const out = await temporaryDirectory();
  await writeVersion1Run(out, { kernel: { kind: 'collection', task: 'QNLI' }, files: {} });
  const run = runExperiment(config({ formulas: ['sgd', 'signgd'] }), { out, lens: lens() });
  expect(isError(await caught(run), LabelOrderError)).toBe(true);
});

it('kernels that were converted from LM-Kernel-FT are to be converted again', async () => {
  const out = await temporaryDirectory();
  await writeVersion1Run(out, {
    kernel: { kind: 'kernel', source: 'LM-Kernel-FT', task: 'QNLI', labels: before, metrics: ['accuracy'] },
  });
  const error = await caught(solveDirectory(out, grids));
  if (!isError(error, LabelOrderError)) throw error;
  expect(error.message).toContain('Convert them again');
});

it('the order of other tasks, and labels that a user gave, are as they were', async () => {
  const other = await temporaryDirectory();
  await writeVersion1Run(other, { kernel: { ...version1Identity, task: 'MRPC', labels: ['0', '1'] } });
  expect((await solveDirectory(other, grids)).metrics).toEqual(['accuracy']);

  const file = join(await temporaryDirectory(), 'QNLI.csv');
  const rows = Array.from({ length: 12 }, (_, i) => `${i % 2 ? '' : 'not_'}entailment,it is ${i}`);
  await writeFile(file, `label,text\n${rows.join('\n')}\n`);
  const out = await temporaryDirectory();
  const mapping = { not_entailment: 'no', entailment: 'yes' };
  const template = '*cls**sent_0*_It_was*mask*.*sep+*';
  const own = config({ data: file, mapping, template });
  await runExperiment(own, { out, lens: lens() });
  const { kernel } = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'));
  expect(kernel).toMatchObject({ task: 'QNLI.csv', labels: before, labelsFrom: 'mapping' });
  expect((await solveDirectory(out, grids)).scores.kernel.test.accuracy).toBeTypeOf('number');
  await runExperiment(own, { out, lens: lens() });
});
