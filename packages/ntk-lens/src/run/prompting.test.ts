import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isError } from '@ntk-lens/core';
import { NothingLeftError, openLens, TaskNotPossibleError } from '@ntk-lens/lens';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyLens } from '@ntk-lens/testing/tiny-lens';
import { expect, it } from 'vitest';
import { defaultRunConfig, type RunConfig } from '../options/run-config.js';
import { runExperiment } from './run-experiment.js';
import { showPrompts } from './show-prompts.js';
import { solveDirectory } from './solve-directory.js';
import { zeroShot } from './zero-shot.js';

const lens = tinyLens(openLens);
const config: RunConfig = { ...defaultRunConfig, shots: [4], limitTest: 20 };
const demonstrations = { perLabel: 1, seed: 7, samples: 1 };
const run = async (changed: Partial<RunConfig>) =>
  runExperiment({ ...config, ...changed }, { out: await temporaryDirectory(), lens: lens() });
const shown = (changed: Partial<RunConfig>, split: 'train' | 'test' = 'train') =>
  showPrompts({ ...config, ...changed }, { split, limit: 8, lens: lens() });

it('demonstrations come one per label, from training examples, never the example itself', async () => {
  const { prompts: training } = await shown({});
  const own = new Set(training.map(({ texts }) => texts[0]!.toLowerCase()));
  const { prompts } = await shown({ demonstrations });
  expect(prompts).toHaveLength(8);
  const words = (text: string) =>
    text
      .toLowerCase()
      .match(/[a-z]+/g)!
      .join(' ');
  for (const { texts, prompt } of prompts) {
    const sentences = prompt.segments.filter(({ sentence }) => sentence !== undefined);
    expect(sentences).toHaveLength(3);
    const known = [...own].map(words);
    for (const { text } of sentences.slice(1)) {
      expect(known).toContain(words(text));
      expect(words(text)).not.toBe(words(texts[0]!));
    }
    expect(prompt.segments.filter(({ style }) => style === 'label')).toHaveLength(2);
    expect(prompt.segments.flatMap(({ tokens }) => tokens).filter(({ read }) => read)).toHaveLength(1);
  }
});

it('the seed of demonstrations decides them, and a filter by similarity keeps to it', async () => {
  const of = async (changed: object) =>
    JSON.stringify(await shown({ demonstrations: { ...demonstrations, ...changed } }, 'test'));
  expect(await of({})).toBe(await of({}));
  expect(await of({ seed: 8 })).not.toBe(await of({}));
  const filtered = await of({ filter: 0.4 });
  // One candidate per label is left, so the seed has nothing to decide.
  expect(await of({ filter: 0.4, seed: 8 })).toBe(filtered);
});

it('kernels are of prompts with demonstrations; zero-shot is averaged over contexts and calibrated', async () => {
  const plain = await run({});
  const demonstrated = await run({ demonstrations: { ...demonstrations, samples: 3 }, calibrate: true });
  const [a, b] = [plain.cells[0]!, demonstrated.cells[0]!];
  expect(a.zeroShotVariants).toBeUndefined();
  expect(b.zeroShotVariants!.map(({ name }) => name)).toEqual([
    'zero-shot, 3 contexts',
    'zero-shot, calibrated, 3 contexts',
  ]);
  const asked = await zeroShot(demonstrated.config, { lens: lens() });
  expect(asked.cells[0]!.methods.slice(2)).toEqual(b.zeroShotVariants);
  // The logits that kernels come with are those of the first context.
  expect(asked.cells[0]!.methods[1]).toMatchObject(b.scores!.zeroShot!);
});

it('the rules of label words: kernels of a masked model take the first token, zero-shot any', async () => {
  const mapping = { negative: 'very bad', positive: 'good' };
  await expect(run({ mapping })).rejects.toMatchObject({ code: 'MULTI_TOKEN_LABEL_WORD' });
  const first = await run({ mapping, labelRule: 'first' });
  const alone = await run({ mapping: { negative: 'very', positive: 'good' } });
  expect(first.cells[0]!.scores).toEqual(alone.cells[0]!.scores);
  for (const labelRule of ['mean', 'joint'] as const) {
    const error = await run({ mapping, labelRule }).catch((e: unknown) => e);
    const code = { mean: 'TASK_NOT_POSSIBLE', joint: 'JOINT_LABEL_WORDS' }[labelRule];
    expect(error).toMatchObject({ code, kind: 'input' });
    const { cells } = await zeroShot({ ...config, mapping, labelRule }, { lens: lens() });
    expect(cells[0]!.methods[1]!.test.accuracy).toBeGreaterThanOrEqual(0);
  }
  const { prompts } = await shown({ mapping, labelRule: 'joint' });
  expect(prompts).toHaveLength(8);
});

it('examples of your own file are drawn, prompted and solved; what is left over is the test set', async () => {
  const directory = await temporaryDirectory();
  const file = join(directory, 'mail.csv');
  const rows = Array.from(
    { length: 30 },
    (_, i) => `"mail ${i}, ${i % 3 ? 'hello friend' : 'buy now'}",${i % 3 ? 'ham' : 'spam'}`,
  );
  await writeFile(file, `body,kind\n${rows.join('\n')}\n`);
  const own: Partial<RunConfig> = {
    data: file,
    textColumns: ['body'],
    labelColumn: 'kind',
    template: '*cls**sent_0*_This_is*mask*.*sep+*',
    mapping: { ham: 'good', spam: 'bad' },
    shots: [3],
  };
  // The tiny model knows no words.
  const { task, cells } = await runExperiment({ ...config, ...own }, { out: join(directory, 'out') });
  expect(task).toMatchObject({ name: 'mail', labels: ['ham', 'spam'] });
  expect(cells[0]!.examples).toEqual({ train: 6, dev: 6, test: 18 });
  expect(cells[0]!.scores!.kernel.test.accuracy).toBeGreaterThan(0.9);
  await writeFile(file, `body,kind\n${rows.slice(0, 4).join('\n')}\n`);
  expect(isError(await run({ ...own, shots: [1] }).catch((e: unknown) => e), NothingLeftError)).toBe(true);
  const wrong = await run({ ...own, labelColumn: 'sort' }).catch((e: unknown) => e);
  expect(wrong).toMatchObject({ code: 'MISSING_COLUMN', kind: 'input' });
});

const similarity = async () => {
  const directory = await temporaryDirectory();
  const same = ['cat', 'dog', 'sun', 'sea', 'map', 'key'];
  const rows = same.flatMap((word, i) => [
    `a ${word} is here\tthis is not ${word}\t${i * 0.3}`,
    `a ${word} was there\tthe ${word} was very much there\t${3 + i * 0.3}`,
  ]);
  for (const split of ['train', 'dev', 'test']) {
    await writeFile(join(directory, `${split}.tsv`), `sentence1\tsentence2\tscore\n${rows.join('\n')}\n`);
  }
  return { task: 'STS-B', data: directory };
};

it('a regression needs one output, and a solver for scores', async () => {
  const own = await similarity();
  const error = await run(own).catch((e: unknown) => e);
  expect(isError(error, TaskNotPossibleError)).toBe(true);
  expect(String(error)).toMatch(/`binary: true`/);
  const svc = await run({ ...own, binary: true, solver: 'svc' }).catch((e: unknown) => e);
  expect(svc).toMatchObject({ code: 'BAD_ARGUMENT', kind: 'input' });
});

it('a regression is answered zero-shot by the scaled probability of the high pole, and by a kernel', async () => {
  const own = await similarity();
  const { cells } = await zeroShot({ ...config, ...own }, { lens: lens() });
  const [mean, plain] = cells[0]!.methods;
  expect(mean!.name).toBe('mean score');
  expect(Object.keys(plain!.test)).toEqual(['pearson', 'spearman']);
  for (const value of Object.values(plain!.test)) expect(Math.abs(value)).toBeLessThanOrEqual(1);

  const { cells: solved, directory } = await run({ ...own, binary: true });
  const { kernel } = solved[0]!.scores!;
  // Dev and test are the training examples here, and the kernel of words interpolates them.
  expect(kernel.test.pearson).toBeGreaterThan(0.99);
  expect(kernel.dev).toEqual(kernel.test);
  const { solver, ridge, f0Scales } = config;
  await expect(solveDirectory(directory, { solver, ridge, f0Scales })).rejects.toMatchObject({
    code: 'TASK_NOT_POSSIBLE',
  });
});
