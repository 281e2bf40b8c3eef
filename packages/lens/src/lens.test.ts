import { isError } from '@ntk-lens/core';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyLens } from '@ntk-lens/testing/tiny-lens';
import { describe, expect, it } from 'vitest';
import { OtherRunError } from './node/store/errors.js';
import { type Kernel, type Lens, LensClosedError, loadKernel, openLens, solveKernel } from './node.js';

const lens = tinyLens(openLens);
const small = { shots: 4, limitTest: 12 };
const sameNumbers = (a: Kernel, b: Kernel): void => {
  for (const split of ['train', 'dev', 'test'] as const) expect(b.splits[split]).toEqual(a.splits[split]);
};

describe('a session', () => {
  it('gives a kernel with its provenance, and solves it on dev', async () => {
    const task = await lens().task('sentiment', small);
    const kernel = await lens().kernel(task, { formula: 'sgd' });
    expect(kernel.splits.test.kernel.shape).toEqual([8, 2, 12, 2]);
    expect(kernel.identity).toEqual({
      kind: 'kernel',
      task: 'sentiment',
      shots: 4,
      seed: 42,
      limitTest: 12,
      template: task.spec.template,
      labelWords: { negative: 'terrible', positive: 'great' },
      labels: ['negative', 'positive'],
      metrics: ['accuracy'],
      formula: 'sgd',
      binary: false,
      space: 'full',
      tied: false,
      keepNoise: false,
      dataHash: task.hash,
      runtime: 'ort-cpu',
      modelHash: await lens().model.hash(),
    });
    expect(kernel.maker).toMatchObject({ model: 'tiny', versions: { node: process.version } });
    const solved = await lens().solve(kernel);
    expect(solved.search).toHaveLength(25);
    expect(solved.zeroShot?.test.accuracy).toBeGreaterThanOrEqual(0);
    const [plain] = await lens().zeroShot(task);
    expect(plain).toMatchObject({ name: 'zero-shot', ...solved.zeroShot });
  });

  it('keeps kernels that are loaded and solved again without a model, to the same numbers', async () => {
    const task = await lens().task('topic', { shots: 2, limitTest: 6 });
    const kernel = await lens().kernel(task, { formula: 'signgd', blocks: 'layer', space: 'lora:r=2' });
    const directory = await temporaryDirectory();
    await kernel.save(directory);
    const loaded = await loadKernel(directory);
    sameNumbers(kernel, loaded);
    expect(loaded).toMatchObject({ identity: kernel.identity, runtime: kernel.runtime, maker: kernel.maker });
    const { kernel: _, fitted: __, ...again } = await solveKernel(loaded, { solver: 'svc', ridge: [0.1, 1] });
    expect(await lens().solve(kernel, { solver: 'svc', ridge: [0.1, 1] })).toMatchObject(again);
    const other = await lens().kernel(task, { formula: 'sgd' });
    expect(isError(await other.save(directory).catch((e: unknown) => e), OtherRunError)).toBe(true);
  });

  it('reads what is finished in a directory, parts included, and computes what is not', async () => {
    const task = await lens().task('sentiment', { shots: 2, limitTest: 4 });
    const options = { formula: 'sgd', directory: await temporaryDirectory() };
    const [first, second] = [await lens().kernel(task, options), await lens().kernel(task, options)];
    expect([first.reused, second.reused]).toEqual([false, true]);
    sameNumbers(first, second);
    const parts = await lens().kernel(task, { ...options, blocks: 'layer' });
    const again = await lens().kernel(task, { ...options, blocks: 'layer' });
    expect([parts.reused, again.reused]).toEqual([false, true]);
    expect(again.blocks).toEqual(parts.blocks);
    expect(
      isError(
        await lens()
          .kernel(task, { ...options, formula: 'signgd' })
          .catch((e) => e),
        OtherRunError,
      ),
    ).toBe(true);
  });

  it('predicts new texts as it predicts test examples: by a kernel, without a prompt, and with demonstrations', async () => {
    const demonstrations = { perLabel: 1, seed: 3, samples: 1 };
    for (const more of [{}, { prompt: false }, { demonstrations }]) {
      const task = await lens().task('sentiment', { shots: 3, limitTest: 5, ...more });
      const solved = await lens().solve(await lens().kernel(task));
      const texts = task.sets.test.map((example) => example.texts);
      const predicted = await lens().predict(solved, texts);
      const right = predicted.filter(({ label }, i) => label === task.sets.test[i]!.label).length;
      expect(right / texts.length).toBeCloseTo(solved.test.accuracy!, 12);
    }
  });

  it('takes texts in memory, with their sets or drawn', async () => {
    const words = { bad: 'terrible', good: 'great' };
    const labels = Array.from({ length: 12 }, (_, i) => (i % 2 ? 'good' : 'bad'));
    const texts = labels.map((label, i) => `text ${i} is ${label}`);
    const template = '*cls**sent_0*_It_was*mask*.*sep+*';
    const drawn = await lens().examples({ texts, labels, words, template, shots: 2 });
    expect([drawn.sets.train.length, drawn.sets.dev.length, drawn.sets.test.length]).toEqual([4, 4, 4]);
    const split = labels.map((_, i) => (['train', 'dev', 'test'] as const)[i % 3]!);
    const given = await lens().examples({ texts, labels, words, template, split });
    expect(given.sets.dev.map((example) => example.texts[0])).toEqual([1, 4, 7, 10].map((i) => texts[i]));
    const wrong = lens().examples({ texts, labels: labels.slice(1), words, template });
    await expect(wrong).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  });

  it('explains a kernel, and refuses before any work what it could not compute', async () => {
    const task = await lens().task('topic', { shots: 1, limitTest: 2 });
    const { plan, seconds } = await lens().explain(task);
    expect(seconds).toBeGreaterThan(plan.totalFlops / 1e15);
    for (const bad of [
      { formula: 'a-signgd' },
      { binary: true },
      { space: 'intrinsic:5', blocks: 'layer' },
    ] as const)
      await expect(lens().checkKernel(task, bad)).rejects.toMatchObject({ kind: 'input' });
  });
});

describe('two sessions on one runtime', () => {
  const open = (): Promise<Lens> => openLens({ model: lens().directory!, runtime: 'ort-cpu', threads: 1 });
  it('compute one after another, and the last one closes it', async () => {
    const [a] = [await open()];
    const b = await openLens({ model: lens().directory!, runtime: a.runtime });
    const task = await a.task('sentiment', { shots: 1, limitTest: 2 });
    const running: string[] = [];
    const work = (one: Lens, name: string) =>
      one.kernel(task, {
        onProgress: () => {
          if (running.at(-1) !== name) running.push(name);
        },
      });
    const [first, second] = await Promise.all([work(a, 'a'), work(b, 'b')]);
    sameNumbers(first, second);
    expect(running).toEqual(['a', 'b']);
    const runtime = await a.runtime.open();
    await a.close();
    await expect(a.task('sentiment')).rejects.toSatisfy((error) => isError(error, LensClosedError));
    expect((await b.kernel(task)).splits.test.kernel.shape).toEqual([2, 2, 2, 2]);
    await b[Symbol.asyncDispose]();
    await expect(runtime.download({ id: 0, shape: [], bytes: 0 })).rejects.toThrow();
  });
  it('closing lets the running call finish and refuses those that wait', async () => {
    const a = await open();
    const task = await a.task('sentiment', { shots: 1, limitTest: 2 });
    const controller = new AbortController();
    const running = a.kernel(task);
    const cancelled = a.kernel(task, { signal: controller.signal });
    const waiting = a.kernel(task);
    controller.abort();
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
    const closed = a.close();
    await expect(waiting).rejects.toMatchObject({ code: 'LENS_CLOSED' });
    expect((await running).reused).toBe(false);
    await closed;
    await a.close();
  });
});
