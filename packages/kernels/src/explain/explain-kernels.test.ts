import { type Runtime, totalWork } from '@ntk-lens/engine';
import { loadModel } from '@ntk-lens/models';
import { expect, test } from 'vitest';
import { architectureRoot } from '../../../models/src/testing/architecture-cases.js';
import { computeKernels, explainKernels, tracedStages } from '../index.js';
import { openForTests } from '../testing/open-for-tests.js';
import { oracleCase } from '../testing/oracle-cases.js';

const { directory, examples, labelWordIds } = oracleCase('bert');
const { runtime, model } = await openForTests(directory);

/** A runtime that counts its runs, apart from those that only join tensors. */
const counting = () => {
  let count = 0;
  const counted = new Proxy(runtime, {
    get: (target, name: keyof Runtime) => {
      const value = target[name];
      if (typeof value !== 'function') return value;
      const call = value.bind(target) as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        if (name === 'run' || name === 'compute')
          count += /^join/.test((args[0] as { name: string }).name) ? 0 : 1;
        return call(...args);
      };
    },
  });
  return { runtime: counted, runs: () => count };
};

test('a forecast counts the runs that a kernel makes', async () => {
  // Batches of more than 128 gradients are not put side by side.
  const many = Array.from({ length: 70 }, (_, i) => examples[i % examples.length]!);
  const cases = [true, false].flatMap((binary) => [
    { binary, train: examples.slice(0, 3), queries: { test: examples.slice(3) } },
    { binary, train: many, queries: { test: many } },
  ]);
  for (const own of cases) {
    const request = {
      ...{ model, formula: 'sgd', labelWordIds: labelWordIds.slice(0, 2), batchSize: 2 },
      ...own,
    };
    const { runtime: counted, runs } = counting();
    await computeKernels({ ...request, runtime: counted });
    const { work } = explainKernels(request);
    expect(totalWork(Object.values(work)).runs).toBe(runs());
  }
});

test('branches that are added up share the Gram of their cotangents, as matrices of one input share that of activations', async () => {
  const parallel = await loadModel(`${architectureRoot}/gpt_neox`);
  try {
    const prompts = [4, 5].map((length) => ({
      inputIds: Array.from({ length }, (_, t) => 7 * t + length),
      position: length - 1,
    }));
    const { sites } = explainKernels({
      ...{ model: parallel, formula: 'sgd', labelWordIds: [3, 5], binary: true },
      ...{ train: prompts, queries: { test: prompts } },
    });
    const flopsOf = (...names: string[]) =>
      sites
        .filter(({ parameter }) => names.some((name) => parameter === `gpt_neox.layers.0.${name}.weight`))
        .reduce((sum, { flops }) => sum + flops, 0);
    const { hiddenSize, intermediateSize } = parallel.config;
    const pairs = 9 * (9 + 9 / 2);
    const sizes = (...own: number[]) => 2 * pairs * own.reduce((sum, size) => sum + size);
    const together = sizes(hiddenSize, intermediateSize, hiddenSize);
    expect(flopsOf('attention.dense', 'mlp.dense_4h_to_h')).toBeCloseTo(together, 6);
    expect(flopsOf('mlp.dense_h_to_4h')).toBeCloseTo(sizes(hiddenSize, intermediateSize), 6);
  } finally {
    await parallel.close();
  }
});

test('plans share what they trace, and are what they are alone', () => {
  const traced = tracedStages();
  const [few, more] = [examples.slice(0, 3), examples.slice(0, 4)];
  const words = labelWordIds.slice(0, 2);
  const common = { model, formula: 'sgd', labelWordIds: words, batchSize: 2 };
  const requests = [few, more].flatMap((train) =>
    [
      {},
      { formula: 'signgd' },
      { binary: true },
      { parameters: (name: string) => !name.includes('bias') },
      { memory: 360 * 2 ** 20 },
    ].map((more) => ({ ...common, train, queries: { test: examples.slice(4) }, ...more })),
  );
  for (const request of requests) expect(explainKernels(request, traced)).toEqual(explainKernels(request));
  // Formulas have the same passes.
  const counts = () => [traced.forward.size, traced.factors.size];
  const before = counts();
  for (const request of requests) explainKernels({ ...request, formula: 'cosine' }, traced);
  expect(counts()).toEqual(before);
});
