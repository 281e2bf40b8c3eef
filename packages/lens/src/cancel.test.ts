import { CancelledError, isError, type LongTaskOptions } from '@ntk-lens/core';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyLens } from '@ntk-lens/testing/tiny-lens';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Kernel,
  type Lens,
  type LensTask,
  type OpenPartsOptions,
  openLens,
  type Solved,
} from './node.js';

/** Every method of a session except for those that close it; one that is missing in the table does not compile. */
type Method = Exclude<
  { [K in keyof Lens]-?: Lens[K] extends (...args: never[]) => unknown ? K : never }[keyof Lens],
  'close' | symbol
>;

/** Prompts that depend on the model's own embeddings: with them reading a task computes. */
const similar = { demonstrations: { perLabel: 1, seed: 1, samples: 1, filter: 1 } };

const open = tinyLens(openLens);
let task: LensTask;
let similarTask: LensTask;
let kernel: Kernel;
let solved: Solved;
let planned: OpenPartsOptions;
beforeAll(async () => {
  task = await open().task('sentiment', { shots: 2, limitTest: 4 });
  similarTask = await open().task('sentiment', { shots: 2, limitTest: 4, ...similar });
  kernel = await open().kernel(task);
  solved = await open().solve(kernel, { ridge: [1], f0Scales: [null] });
  const directory = await temporaryDirectory();
  const { runtime } = await open().planParts(task, { directory, parts: 2 });
  planned = { directory, level: 'sum', computedBy: runtime };
});

const texts = { texts: ['Warm.', 'Dull.', 'Funny.', 'Noise.', 'Good.', 'Bad.'] };
const examples = {
  ...{ ...texts, labels: ['good', 'bad', 'good', 'bad', 'good', 'bad'], shots: 1 },
  ...{ template: '*cls**sent_0*_It_was*mask*.*sep+*', words: { bad: 'terrible', good: 'great' } },
};
const calls: { readonly [M in Method]: (lens: Lens, long: LongTaskOptions) => Promise<unknown> } = {
  task: (lens, long) => lens.task('sentiment', { shots: 2, limitTest: 4, ...similar, ...long }),
  prompt: (lens, long) => lens.prompt('sentiment', { shots: 2, limitTest: 4, ...similar, ...long }),
  examples: (lens, long) => lens.examples({ ...examples, ...similar, ...long }),
  suggestPrompt: (lens, long) => lens.suggestPrompt(similarTask.sets.train, long),
  encode: (lens, long) => lens.encode(similarTask, ['Warm.'], long),
  kernel: (lens, long) => lens.kernel(task, { formula: 'signgd', ...long }),
  checkKernel: (lens, long) => lens.checkKernel(task, { space: 'lora:r=2', ...long }),
  kernelFits: (lens, long) => lens.kernelFits(task, { space: 'lora:r=2', ...long }),
  storeKernel: async (lens, long) =>
    lens.storeKernel(task, { directory: await temporaryDirectory(), ...long }),
  explain: (lens, long) => lens.explain(task, long),
  solveMatrixFree: (lens, long) => lens.solveMatrixFree(task, {}, { ridge: [0.1], ...long }),
  explainMatrixFree: (lens, long) => lens.explainMatrixFree(task, long),
  planParts: async (lens, long) =>
    lens.planParts(task, { directory: await temporaryDirectory(), parts: 2, ...long }),
  openParts: async (lens, long) => {
    const parts = await lens.openParts(task, { ...planned, ...long });
    await parts.compute(0, long).finally(parts.close);
  },
  zeroShot: (lens, long) => lens.zeroShot(task, long),
  solve: (lens, long) => lens.solve(kernel, long),
  fineTune: (lens, long) => lens.fineTune(task, { steps: 4, ...long }),
  check: (lens, long) => lens.check(task, { optimizers: ['sgd'], steps: 4, probes: 2, ...long }),
  predict: (lens, long) => lens.predict(solved, ['Warm.'], long),
};

const cancelled = (error: unknown) => isError(error, CancelledError);

describe.each(Object.entries(calls))('%s', (method, call) => {
  it('does nothing with a signal that has fired', async () => {
    const seen: unknown[] = [];
    const long = { signal: AbortSignal.abort(), onProgress: (event: unknown) => seen.push(event) };
    expect(await call(open(), long).catch(cancelled)).toBe(true);
    expect(seen).toEqual([]);
  });

  it('ends where a signal fires while it works', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    // At the first word of progress; what says none works for a moment only.
    const working = call(open(), { signal, onProgress: () => controller.abort() });
    if (['checkKernel', 'kernelFits', 'explain', 'explainMatrixFree'].includes(method)) controller.abort();
    expect(await working.catch(cancelled)).toBe(true);
  });
});

it('a call that waits for another leaves the queue when its signal fires', async () => {
  const { queue } = open().runtime;
  let done = () => {};
  const running = queue.run('other work', undefined, () => new Promise<void>((resolve) => (done = resolve)));
  const controller = new AbortController();
  const { signal } = controller;
  const computing: readonly Method[] = [
    'task',
    'prompt',
    'examples',
    'encode',
    'kernel',
    'storeKernel',
    'explain',
    'solveMatrixFree',
    'explainMatrixFree',
    'zeroShot',
    'fineTune',
    'check',
    'predict',
  ];
  const waiting = computing.map((method) => calls[method](open(), { signal }).catch(cancelled));
  controller.abort();
  expect(await Promise.all(waiting)).toEqual(computing.map(() => true));
  done();
  await running;
});
