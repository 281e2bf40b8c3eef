import type { NDArray } from '@ntk-lens/core';
import type { LanguageModel } from '@ntk-lens/models';
import { describe, expect, test } from 'vitest';
import { MemoryBudgetError } from './errors.js';
import type { FormulaName } from './formulas/index.js';
import { checkKernelRequest, computeKernels, type KernelRequest, type Kernels } from './index.js';
import { openForTests } from './testing/open-for-tests.js';
import { oracleCase } from './testing/oracle-cases.js';

const formulas: readonly FormulaName[] = ['sgd', 'signgd', 'a-signgd'];
const { directory, examples, labelWordIds } = oracleCase('roberta');
const embeddings = 'roberta.embeddings.word_embeddings.weight';

const { runtime, model } = await openForTests(directory);

const compute = (options: Partial<KernelRequest> = {}): Promise<Kernels> =>
  computeKernels({
    model,
    runtime,
    formula: 'sgd',
    labelWordIds,
    train: examples.slice(0, 3),
    queries: { test: examples.slice(3, 5) },
    ...options,
  });

/** The model with one parameter changed. */
const withParameter = (name: string, change: (array: NDArray) => void): LanguageModel => {
  if (!model.parameters.has(name)) throw new Error(`the model has no ${name}`);
  return {
    ...model,
    read: async (parameter) => {
      const array = await model.read(parameter);
      if (parameter === name) change(array);
      return array;
    },
  };
};

describe('numbers that are not finite stop the work and name the layer', () => {
  test.each(formulas)('in activations: %s', async (formula) => {
    const huge = withParameter('roberta.encoder.layer.1.intermediate.dense.bias', ({ data }) =>
      data.fill(3e38),
    );
    const attempt = compute({ formula, model: huge });
    await expect(attempt).rejects.toMatchObject({ code: 'NON_FINITE_ACTIVATION' });
    await expect(attempt).rejects.toThrow(/^layer\.1 gave .* for example \d/);
  });

  test('in products of gradients, where activations and gradients themselves are finite', async () => {
    // Logits of about 1e25, so gradients too; their squares are beyond float32.
    const steep = withParameter(embeddings, ({ data, shape }) => {
      const width = shape[1]!;
      for (const id of labelWordIds) for (let i = 0; i < width; i++) data[id * width + i]! *= 1e25;
    });
    const attempt = compute({ model: steep });
    await expect(attempt).rejects.toMatchObject({ code: 'NON_FINITE_KERNEL' });
    await expect(attempt).rejects.toThrow(
      /stage "head" holds (Infinity|NaN).*Gradients overflow float32 there/,
    );

    // Signs do not overflow.
    const { train } = await compute({ model: steep, formula: 'signgd' });
    expect(train.kernel.data.every(Number.isFinite)).toBe(true);
  });
});

test.each(formulas)('gradients that are zero everywhere are an error: %s', async (formula) => {
  const deaf = withParameter(embeddings, ({ data, shape }) => {
    const width = shape[1]!;
    for (const id of labelWordIds) data.fill(0, id * width, (id + 1) * width);
  });
  const parameters = (name: string) => name.startsWith('roberta.encoder.');
  await expect(compute({ formula, model: deaf, parameters })).rejects.toMatchObject({
    code: 'ZERO_GRADIENT',
    kind: 'input',
  });
  // The head's own parameters still move the logits.
  const { train } = await compute({ formula, model: deaf });
  expect(train.kernel.data.some((x) => x !== 0)).toBe(true);
});

test('a sequence longer than the model’s positions is refused, with its number and both lengths', async () => {
  const most = model.config.maxTokens;
  const long = { inputIds: new Array<number>(most + 1).fill(5), position: 3 };
  await expect(compute({ queries: { test: [examples[0]!, long] } })).rejects.toThrow(
    new RegExp(`4.*${most + 1}.*${most}`),
  );
  const longest = { inputIds: long.inputIds.slice(1), position: 3 };
  await expect(compute({ queries: { test: [longest] } })).resolves.toBeDefined();
});

test('a budget too small says the smallest that works; it does, and a byte less does not', async () => {
  const refusal = await compute({ memory: 1 }).catch((error: unknown) => error);
  if (!(refusal instanceof MemoryBudgetError)) throw refusal;
  expect(refusal.message).toContain(`at least ${Math.ceil(refusal.smallest / 2 ** 20)} MiB`);
  await expect(compute({ memory: refusal.smallest })).resolves.toBeDefined();
  await expect(compute({ memory: refusal.smallest - 1 })).rejects.toThrow(MemoryBudgetError);
});

test('a kernel of more labels than memory or an array holds is refused before any work, with its size', () => {
  const labelWordIds = Array.from({ length: 40 }, (_, label) => label);
  const check = (count: number, memory: number) => () => {
    const train = Array.from({ length: count }, () => examples[0]!);
    checkKernelRequest({ model, formula: 'sgd', train, queries: {}, labelWordIds, memory });
  };
  expect(check(300, 2 ** 40)).not.toThrow();
  const bytes = 2 * 8 * (300 * 40) ** 2;
  expect(check(300, bytes)).toThrow(
    new RegExp(`The kernel itself takes ${Math.ceil(bytes / 2 ** 20)} MiB of it: take fewer labels`),
  );
  expect(check(2000, 2 ** 50)).toThrow(/\[2000, 40, 2000, 40\].* has 6400000000 entries.*Take fewer labels/);
});

test.each<[string, Partial<KernelRequest>, RegExp]>([
  ['no parameter', { parameters: () => false }, /No parameter was chosen.*The model has/],
  ['no training example', { train: [] }, /train.*no examples.*at least one/],
  ['a label word twice', { labelWordIds: [5, 6, 5] }, /labelWordIds.*5, 6, 5.*a different word/],
  ['binary with three labels', { binary: true }, /binary.*3 labels.*two labels/],
  ['batches of nothing', { batchSize: 0 }, /batchSize.*0.*positive integer/],
  ['batches of halves', { batchSize: 1.5 }, /batchSize.*1\.5.*positive integer/],
])('%s is refused with what was found and expected', async (_, options, message) => {
  await expect(compute(options)).rejects.toThrow(message);
});
