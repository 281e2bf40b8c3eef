import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CancelledError, type NDArray, ndarray } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { forwardLogits, loadModel, withBranches } from '@ntk-lens/models';
import { largestDifference, relativeDifference } from '@ntk-lens/testing/compare';
import { sampled } from '@ntk-lens/testing/sampled';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { architectureCase, architectureRoot } from '../../models/src/testing/architecture-cases.js';
import {
  computeKernels,
  explainKernels,
  formulaNames,
  type KernelRequest,
  memoryTileStore,
  type TileStore,
  textbookKernel,
} from './index.js';
import { kernelBlock } from './testing/compare.js';
import { sharedJacobian } from './testing/shared-jacobian.js';
import { smallestBudget } from './testing/smallest-budget.js';

const folder = fileURLToPath(new URL('../fixtures/joint', import.meta.url));

/** What tooling/reference/make_joint_oracle.py computes of a tiny causal model. */
interface JointCase {
  readonly words: readonly (readonly number[])[];
  readonly prompts: readonly (readonly number[])[];
  readonly logProbabilities: NDArray<'float64'>;
  readonly kernels: Readonly<Record<'sgd' | 'signgd' | 'a-signgd' | 'signgd-binary', NDArray<'float64'>>>;
  /** Signs that float32 sees differently; each changes an entry by at most 2. */
  readonly turned: number;
}

const names = readdirSync(folder).map((file) => file.replace('.json', ''));

const jointCase = (name: string): JointCase =>
  JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8'), (_, value) =>
    value !== null && typeof value === 'object' && 'shape' in value && 'data' in value
      ? ndarray(Float64Array.from(value.data), value.shape)
      : value,
  );

/** Rows of two kernels are equal, save those of gradients that have another sign in float32, which are close. */
const expectRows = (kernel: NDArray, expected: NDArray, turned: number): void => {
  expect(kernel.shape).toEqual(expected.shape);
  const [n = 0, c = 0] = kernel.shape;
  const width = kernel.data.length / (n * c);
  const row = ({ data }: NDArray, i: number) =>
    ndarray(
      Float64Array.from({ length: width }, (_, j) => data[i * width + j]!),
      [width],
    );
  const differences = Array.from({ length: n * c }, (_, i) =>
    relativeDifference(row(kernel, i), row(expected, i)),
  ).sort((a, b) => b - a);
  for (const [i, difference] of differences.entries())
    expect(difference).toBeLessThan(i < turned ? 1e-3 : 1e-5);
};

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
});
afterAll(() => runtime.close());

describe.each(sampled(names, 1))('label words of several tokens: %s', (name) => {
  const { words, prompts, logProbabilities, kernels, turned } = jointCase(name);
  const directory = `${architectureRoot}/${name}`;
  const examples = prompts.map((inputIds) =>
    withBranches({ inputIds, position: inputIds.length - 1 }, words),
  );
  const [train, query] = [[0, 1, 2], [3]];
  const pick = (indices: readonly number[]) => indices.map((i) => examples[i]!);

  test('outputs are the log-probabilities of the words', async () => {
    const model = await loadModel(directory);
    const found = await forwardLogits({ model, runtime, examples, labelWordIds: words });
    expect(largestDifference(found, logProbabilities)).toBeLessThan(1e-4);
    await model.close();
  });

  test.each(['sgd', 'signgd', 'a-signgd'] as const)(
    'the kernel of %s is that of float64',
    async (formula) => {
      const model = await loadModel(directory);
      const request: KernelRequest = {
        ...{ model, runtime, formula, labelWordIds: words, batchSize: 2 },
        ...{ train: pick(train), queries: { test: pick(query) } },
      };
      const found = await computeKernels(request);
      const expectEqual = (kernel: NDArray, expected: NDArray) => {
        if (formula === 'signgd')
          expect(largestDifference(kernel, expected)).toBeLessThanOrEqual(2 * turned + 4);
        else if (formula === 'a-signgd') expectRows(kernel, expected, turned);
        else expect(relativeDifference(kernel, expected)).toBeLessThan(1e-5);
      };
      expectEqual(found.train.kernel, kernelBlock(kernels[formula], train, train));
      expectEqual(found.test!.kernel, kernelBlock(kernels[formula], train, query));
      await model.close();
    },
  );

  test('the binary kernel is that of the difference of two log-probabilities', async () => {
    const model = await loadModel(directory);
    const common = { model, runtime, labelWordIds: words.slice(0, 2), binary: true, queries: {} };
    const [two] = [
      prompts.map((inputIds) => withBranches({ inputIds, position: inputIds.length - 1 }, words.slice(0, 2))),
    ];
    const sgd = await computeKernels({ ...common, formula: 'sgd', train: two });
    const { data, shape } = kernels.sgd;
    const [n = 0, c = 0] = shape;
    const entry = (i: number, p: number, j: number, q: number) => data[((i * c + p) * n + j) * c + q]!;
    const expected = Float64Array.from({ length: n * n }, (_, k) => {
      const [i, j] = [Math.floor(k / n), k % n];
      return entry(i, 1, j, 1) - entry(i, 1, j, 0) - entry(i, 0, j, 1) + entry(i, 0, j, 0);
    });
    expect(relativeDifference(sgd.train.kernel, ndarray(expected, [n, 1, n, 1]))).toBeLessThan(1e-5);
    const signs = await computeKernels({ ...common, formula: 'signgd', train: two });
    expect(largestDifference(signs.train.kernel, kernels['signgd-binary'])).toBeLessThanOrEqual(
      2 * turned + 4,
    );
    await model.close();
  });

  const jacobianOf = sharedJacobian();
  test.each(sampled(formulaNames, 1))('the kernel of %s is that of the definition', async (formula) => {
    const model = await loadModel(directory);
    const common = { model, formula, labelWordIds: words, train: pick([0, 2]), labels: [1, 2] };
    const expected = await textbookKernel({ ...common, queries: pick(query) }, jacobianOf);
    const found = await computeKernels({ ...common, runtime, queries: { test: pick(query) } });
    expect(relativeDifference(found.test!.kernel, expected.kernel)).toBeLessThan(1e-3);
    await model.close();
  });

  test('what is not possible is refused before any work', async () => {
    const model = await loadModel(directory);
    const request: KernelRequest = {
      ...{ model, runtime, formula: 'sgd', labelWordIds: words, train: examples, queries: {} },
    };
    const bare = prompts.map((inputIds) => ({ inputIds, position: inputIds.length - 1 }));
    await expect(computeKernels({ ...request, train: bare })).rejects.toMatchObject({ code: 'BRANCHES' });
    await expect(computeKernels({ ...request, tied: true })).rejects.toThrow(
      model.config.tieWordEmbeddings ? /tied.*a row of the decoder for every word/ : /a model with tied/,
    );
    await expect(computeKernels({ ...request, labelWordIds: [words[0]!, words[0]!] })).rejects.toThrow(
      /a different word/,
    );
    const tooMany = withBranches(bare[0]!, [Array.from({ length: 60 }, () => 5)]);
    await expect(
      computeKernels({ ...request, train: [tooMany], labelWordIds: [Array.from({ length: 60 }, () => 5)] }),
    ).rejects.toMatchObject({ code: 'SEQUENCE_TOO_LONG' });
    expect(explainKernels(request).totalFlops).toBeGreaterThan(0);
    await model.close();
  });
});

test.each(sampled(names, 1))(
  'several tokens, %s: streamed weights change no bit, and a stopped computation goes on to the same kernels',
  async (name) => {
    const { words, prompts } = jointCase(name);
    const model = await loadModel(`${architectureRoot}/${name}`);
    const length = Math.min(...prompts.map((prompt) => prompt.length));
    const examples = prompts.map((prompt) =>
      withBranches({ inputIds: prompt.slice(0, length), position: length - 1 }, words),
    );
    const request: KernelRequest = {
      ...{ model, runtime, formula: 'sgd', labelWordIds: words, batchSize: 1 },
      ...{ train: examples.slice(0, 2), queries: { test: examples.slice(2, 3) } },
    };
    // As much room for examples, and so the same tiles.
    const room = 2 ** 14;
    const resident = { ...request, streamed: false };
    const whole = await computeKernels({ ...resident, memory: (await smallestBudget(resident)) + room });
    const memory = (await smallestBudget({ ...request, streamed: true })) + room;
    const streamed: KernelRequest = { ...request, memory, streamed: true };
    const { tiles, sweeps, weights } = explainKernels(streamed);
    expect(tiles.length).toBeGreaterThan(1);
    expect(weights.reads).toBe(2 * sweeps);
    const controller = new AbortController();
    const kept = new Map<string, Readonly<Record<string, NDArray>>>();
    const { read, write } = memoryTileStore(kept);
    const stopping: TileStore = {
      read,
      write: async (tile, arrays) => {
        await write(tile, arrays);
        controller.abort();
      },
    };
    const stopped = computeKernels({ ...streamed, store: stopping, signal: controller.signal });
    await expect(stopped).rejects.toThrow(CancelledError);
    expect(kept.size).toBeGreaterThan(0);
    expect(runtime.residentBytes).toBe(0);
    expect(await computeKernels({ ...streamed, store: { read, write } })).toEqual(whole);
    await model.close();
  },
);

test('a masked model takes words of one token as log-probabilities, and no others', async () => {
  const model = await loadModel(`${architectureRoot}/roberta`);
  const { examples } = architectureCase('roberta');
  const [a, b] = [41, 17];
  const logits = await forwardLogits({ model, runtime, examples, labelWordIds: [a, b] });
  const found = await forwardLogits({ model, runtime, examples, labelWordIds: [[a], [b]] });
  const difference = (array: NDArray, i: number) => array.data[2 * i + 1]! - array.data[2 * i]!;
  for (const i of examples.keys()) expect(difference(found, i)).toBeCloseTo(difference(logits, i), 4);
  const every = Array.from({ length: model.config.vocabSize }, (_, id) => [id]);
  const all = await forwardLogits({ model, runtime, examples: examples.slice(0, 1), labelWordIds: every });
  expect(all.data.reduce((sum, f) => sum + Math.exp(f), 0)).toBeCloseTo(1, 5);
  await expect(
    forwardLogits({ model, runtime, examples, labelWordIds: [[a, b], [b]] }),
  ).rejects.toMatchObject({
    code: 'JOINT_LABEL_WORDS',
  });
  await model.close();
});
