import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isError } from '@ntk-lens/core';
import { forwardLogits } from '@ntk-lens/models';
import { DivergedError, OtherTrainingError } from '@ntk-lens/subspace';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyLens } from '@ntk-lens/testing/tiny-lens';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { type Lens, type LensTask, openLens } from '../node.js';

const open = tinyLens(openLens);
let lens: Lens;
let task: LensTask;
let root: string;
const small = { shots: 2, seed: 42, limitTest: 6 };
const short = { space: 'lora:r=2', optimizer: 'adam', learningRates: [1e-1], steps: 4 } as const;
beforeAll(async () => {
  root = await temporaryDirectory();
  lens = open();
  task = await lens.task('sentiment', small);
});

/** Cross-entropy between y/5 and the probability of the high pole. */
const lossesOf = async ({ examples, labelWordIds, gold }: LensTask): Promise<number[]> => {
  const runtime = await lens.runtime.open();
  const logits = await forwardLogits({ runtime, model: lens.model, examples: examples.dev, labelWordIds });
  return gold.dev.map((score, i) => {
    const [low, high] = logits.data.slice(2 * i, 2 * i + 2) as unknown as [number, number];
    const p = 1 / (1 + Math.exp(low - high));
    return -(score / 5) * Math.log(p) - (1 - score / 5) * Math.log(1 - p);
  });
};

const textsOf = ({ sets }: LensTask) => sets.test.map(({ texts }) => texts);

describe('lens.fineTune', () => {
  it('keeps what dev chooses among rates, and new texts are answered by that model', async () => {
    const tuned = await lens.fineTune(task, { ...short, learningRates: [1e-3, 1e-1] });
    const scores = tuned.grid.map(({ dev }) => dev);
    expect(scores[tuned.chosen]).toBe(Math.max(...scores.map(Number)));
    expect(tuned.dev.accuracy).toBe(scores[tuned.chosen]);
    expect(tuned.grid[0]!.history[0]!.dev!.score).toBe(tuned.zeroShot!.dev.accuracy);
    expect([tuned.training, tuned.written]).toEqual([undefined, undefined]);
    const answers = await lens.predict(tuned, textsOf(task));
    const right = answers.filter(({ label }, i) => label === task.sets.test[i]!.label).length;
    expect(right / answers.length).toBe(tuned.test.accuracy);
    expect(answers.flatMap(({ outputs }) => outputs)).toEqual([...tuned.logits.data]);
  });

  it('saves an adapter that is a space, in which the model starts at the tuned one', async () => {
    const tuned = await lens.fineTune(task, short);
    const adapter = await tuned.save(join(root, 'saved'));
    expect(adapter).toBe(join(root, 'saved', 'adapter'));
    const again = await lens.fineTune(task, { ...short, space: `adapter:${adapter}`, steps: 1 });
    expect(again.zeroShot).toEqual({ dev: tuned.dev, test: tuned.test });
    expect(again.dimension).toBe(tuned.dimension);
  });

  it('that was interrupted goes on in its directory, and ends where it would have ended', async () => {
    const whole = await lens.fineTune(task, { ...short, evaluateEvery: 1 });
    const directory = join(root, 'interrupted');
    const cancel = new AbortController();
    const cut = lens.fineTune(task, {
      ...{ ...short, directory, evaluateEvery: 1, signal: cancel.signal },
      onProgress: ({ phase, done }) => phase === 'fine-tune' && done === 2 && cancel.abort(),
    });
    await expect(cut).rejects.toMatchObject({ code: 'CANCELLED' });
    const resumed = await lens.fineTune(task, { ...short, directory, evaluateEvery: 1 });
    expect([...resumed.logits.data]).toEqual([...whole.logits.data]);
    expect(resumed.grid[0]!.history).toEqual(whole.grid[0]!.history);
    expect((await readdir(directory)).sort()).toEqual(['adapter', 'lr-0.1-batch-8']);
    const other = lens.fineTune(task, { ...short, directory, steps: 5 });
    await expect(other).rejects.toMatchObject({ code: OtherTrainingError.code });
    const replaced = await lens.fineTune(task, { ...short, directory, steps: 5, replace: true });
    expect(replaced.grid[0]!.history).toHaveLength(6);
  });

  it('trains a classifier on a task without a prompt, random or from a linear probe', async () => {
    const plain = await lens.task('sentiment', { ...small, prompt: false });
    for (const standard of [undefined, 'probe'] as const) {
      const tuned = await lens.fineTune(plain, { ...short, space: 'bitfit', standard });
      expect(tuned.zeroShot).toBeUndefined();
      expect(tuned.model.parameters.get('classifier.weight')).toEqual([2, 8]);
      expect(await lens.predict(tuned, textsOf(plain))).toHaveLength(6);
    }
  });

  it('trains the scores of a regression, not the poles that they are nearer to', async () => {
    const directory = join(root, 'STS-B', '2-42');
    await mkdir(directory, { recursive: true });
    const rows = [0, 1.5, 2, 5].map((score, i) => `a cat is here\tthe cat was there ${i}\t${score}`);
    const table = `sentence1\tsentence2\tscore\n${rows.join('\n')}\n`;
    for (const split of ['train', 'dev', 'test']) await writeFile(join(directory, `${split}.tsv`), table);
    const scores = await lens.task('STS-B', { data: root, ...small });
    expect(scores.gold.train).toEqual([0, 1.5, 2, 5]);
    const { grid, zeroShot } = await lens.fineTune(scores, { ...short, learningRates: [1e-9], steps: 1 });
    // Before any step: cross-entropy between the scaled score and the probability of the high pole.
    const predicted = await lens.zeroShot(scores);
    expect(zeroShot!.test).toEqual(predicted[0].test);
    const losses = await lossesOf(scores);
    expect(grid[0]!.history[0]!.dev!.loss).toBeCloseTo(losses.reduce((a, b) => a + b) / losses.length, 5);
  });

  it('refuses what cannot be trained before any work, in the words of its options', async () => {
    const idle = await openLens({ model: lens.directory!, threads: 1 });
    const opened = vi.spyOn(idle.runtime, 'open');
    const several = await idle.task('sentiment', { ...small, labelRule: 'mean' });
    const directory = join(root, 'refused');
    const cases: [LensTask, object, RegExp][] = [
      [task, { learningRates: [] }, /learningRates.*at least one/],
      [task, { learningRates: [0] }, /learningRate.*positive/],
      [task, { batchSizes: [0] }, /batchSize.*positive/],
      [task, { steps: 4, warmUpSteps: 9 }, /warmUpSteps/],
      [task, { optimizer: 'rmsprop' }, /optimizer.*sgd/],
      [task, { space: 'lora:r=9999' }, /9999/],
      [task, { trajectory: [1] }, /trajectory.*directory/],
      [task, { standard: 'probe' }, /`standard`.*`prompt: false`/],
      [several, {}, /`labelRule` mean.*single, first or joint/],
    ];
    for (const [sample, options, message] of cases)
      await expect(idle.fineTune(sample, options)).rejects.toThrow(message);
    const oneLabel = { ...task, gold: { ...task.gold, dev: task.gold.dev.map(() => 1) } };
    await expect(idle.fineTune(oneLabel, { directory })).rejects.toThrow(/all of label 1/);
    expect(opened).not.toHaveBeenCalled();
    expect(existsSync(directory)).toBe(false);
    await idle.close();
  });

  it('says at which step every rate diverged', async () => {
    const error = await lens
      .fineTune(task, { steps: 2, learningRates: [1e38], clipNorm: null })
      .catch((e) => e);
    expect(isError(error, DivergedError)).toBe(true);
    expect(error.message).toMatch(/diverged at step \d.*No checkpoint was kept/);
  });
});
