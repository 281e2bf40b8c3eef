import {
  BadArgumentError,
  CancelledError,
  columnOf,
  fromColumns,
  type LinearOperator,
  Mt19937,
  type NDArray,
  ndarray,
} from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { type LanguageModel, loadModel, withBranches } from '@ntk-lens/models';
import { createSolver } from '@ntk-lens/solvers';
import { selectMatrixFree } from '@ntk-lens/solvers/matrix-free';
import { largestDifference, relativeDifference } from '@ntk-lens/testing/compare';
import { sampled } from '@ntk-lens/testing/sampled';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { architectureCase, architectureNames } from '../../../models/src/testing/architecture-cases.js';
import {
  adam,
  checkOperatorRequest,
  computeKernels,
  FormulaNotAvailableError,
  type GradientProjection,
  MemoryBudgetError,
  matchParameters,
  OperatorClosedError,
  type OperatorRequest,
  openKernelOperators,
} from '../index.js';
import { transposed } from '../testing/compare.js';
import { drawnDirection } from '../testing/drawn-direction.js';
import { oracleCase, oracleNames } from '../testing/oracle-cases.js';
import { testRuntime } from '../testing/test-runtime.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: testRuntime, threads: 1 });
});
afterAll(async () => {
  expect(runtime.residentBytes).toBe(0);
  await runtime.close();
});

const draw = (seed: number, size: number): Float64Array => {
  const random = new Mt19937(seed);
  return Float64Array.from({ length: size }, () => random.standardNormal());
};
const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
const norm = (x: Float64Array) => Math.sqrt(dot(x, x));

/** A x of a row-major A with as many columns as x has numbers. */
const times = ({ data }: Pick<NDArray, 'data'>, x: Float64Array): Float64Array =>
  Float64Array.from({ length: data.length / x.length }, (_, i) =>
    x.reduce((sum, value, j) => sum + value * data[i * x.length + j]!, 0),
  );

/** ‖A‖ of `[n, C, m, C]`, from below. */
const operatorNorm = (kernel: NDArray): number => {
  let x = draw(0, kernel.shape[2]! * kernel.shape[3]!);
  for (let step = 0; step < 20; step++) {
    const y = times(transposed(kernel), times(kernel, x));
    x = y.map((value) => value / norm(y));
  }
  return norm(times(kernel, x));
};

/** ‖A v − K v‖ / (‖K‖ ‖v‖) of a product A v and a kernel K. */
const errorOf = (product: Float64Array, kernel: NDArray, v: Float64Array): number => {
  const expected = times(kernel, v);
  return norm(expected.map((value, i) => value - product[i]!)) / (operatorNorm(kernel) * norm(v));
};

/** The errors of a product with an operator and with its transpose, against a kernel `[query, C, train, C]`. */
const errors = async ({ shape, matvec, rmatvec }: LinearOperator, kernel: NDArray): Promise<number[]> => {
  const [x, y] = [draw(1, shape[1]), draw(2, shape[0])];
  return [errorOf(await matvec(x), kernel, x), errorOf(await rmatvec(y), transposed(kernel), y)];
};

/** Compares the operators of a request with the kernels of the same request. */
const compare = async (request: Omit<OperatorRequest, 'runtime'>) => {
  const dense = await computeKernels({ ...request, runtime, batchSize: 2 });
  const { splits, outputs, close } = await openKernelOperators({ ...request, runtime });
  for (const [split, { kernel, logits }] of Object.entries(splits)) {
    const own = dense[split as 'train']!;
    expect(kernel.shape).toEqual([logits.shape[0]! * outputs, request.train.length * outputs]);
    expect(relativeDifference(logits, own.logits)).toBeLessThan(1e-5);
    for (const error of await errors(kernel, transposed(own.kernel))) expect(error).toBeLessThan(1e-5);
  }
  await close();
};

describe.each(sampled(architectureNames, 2))('the operator of a tiny %s', (name) => {
  const { directory, examples, labelWordIds, kernels } = architectureCase(name);

  test('multiplies with the kernel of float64 Jacobians', async () => {
    const model = await loadModel(directory);
    const request = { model, runtime, labelWordIds, formula: 'sgd', train: examples, queries: {} };
    const { splits, close } = await openKernelOperators(request);
    const { kernel } = splits.train;
    for (const error of await errors(kernel, kernels.sgd)) expect(error).toBeLessThan(1e-5);
    await close();
    await model.close();
  });
});

test.each([24, ...sampled([512], 0)])(
  'at %i examples products and ridge predictions are those of the kernel in memory',
  async (n) => {
    const model = await loadModel(oracleCase(oracleNames[0]!).directory);
    const random = new Mt19937(n);
    const example = () => {
      // Of one length where few: every shape is compiled.
      const length = n < 100 ? 8 : random.randint(4, 12);
      const id = () => random.randint(5, model.config.vocabSize);
      return { inputIds: Array.from({ length }, id), position: random.interval(length - 1) };
    };
    const [train, dev] = [n, 40].map((count) => Array.from({ length: count }, example));
    const labelsOf = ({ length }: { readonly length: number }) => {
      const labels = Int32Array.from({ length }, (_, i) => (i < 2 ? i : random.interval(1)));
      return ndarray<'int32'>(labels, [length]);
    };
    const labels = { train: labelsOf(train!), dev: labelsOf(dev!) };
    const common = { model, runtime, formula: 'sgd', labelWordIds: [7, 9], binary: true };
    const request = { ...common, train: train!, queries: { dev: dev! } };
    const dense = await computeKernels(request);
    const { splits, close } = await openKernelOperators(request);
    const { kernel } = splits.train;
    for (const error of await errors(kernel, dense.train.kernel)) expect(error).toBeLessThan(1e-5);
    for (const ridge of [0.01, 0.1]) {
      const solver = await createSolver({ solver: 'lstsq', ridge }).fit({
        ...dense.train,
        labels: labels.train,
      });
      const expected = solver.predict({ ...dense.dev!, labels: labels.dev });
      const split = { ...splits.dev!, labels: labels.dev };
      const found = await selectMatrixFree({
        ...{ train: { ...splits.train, labels: labels.train }, dev: split },
        ...{ candidates: [{ solver: 'lstsq', ridge }], metric: () => 1, sketch: 4 },
      });
      const scores = await found.predict(split);
      expect(largestDifference(scores, expected)).toBeLessThan(1e-4);
    }
    await close();
    await model.close();
  },
  120_000,
);

describe('kernel operators', () => {
  const oracle = oracleCase(oracleNames[0]!);
  const { examples, labelWordIds } = oracle;
  let model: LanguageModel;
  let request: Omit<OperatorRequest, 'runtime'>;
  beforeAll(async () => {
    model = await loadModel(oracle.directory);
    const [train, test_] = [examples.slice(0, 3), examples.slice(2)];
    request = { model, labelWordIds, formula: 'sgd', train, queries: { test: test_ } };
  });
  afterAll(() => model.close());

  const choices: readonly (readonly [string, Partial<OperatorRequest>])[] = [
    ['one output', { labelWordIds: labelWordIds.slice(0, 2), binary: true }],
    ['biases', { parameters: matchParameters({ include: ['*bias*'] }) }],
    ['a tied decoder', { tied: true }],
    ['weights that are streamed', { streamed: true }],
    ['adam with v of the examples', { formula: adam({ eps: 1e-2 }), labels: [1, 0, 2] }],
    ['adam and a tied decoder', { formula: adam({ eps: 1e-2 }), labels: [1, 0, 2], tied: true }],
  ];
  test.each(sampled(choices, 2))('of %s are the kernels of computeKernels', (_, options) =>
    compare({ ...request, ...options }),
  );

  test('of words of several tokens are the kernels of computeKernels', async () => {
    const { directory, examples: texts } = architectureCase('gpt2');
    const causal = await loadModel(directory);
    const words = [[5, 7], [9]];
    const prompts = texts.map(({ inputIds }) =>
      withBranches({ inputIds, position: inputIds.length - 1 }, words),
    );
    const [train, test_] = [prompts.slice(0, 3), prompts.slice(2)];
    await compare({ ...request, model: causal, labelWordIds: words, train, queries: { test: test_ } });
    await causal.close();
  });

  test('of adam with the state of an optimizer are the kernels of computeKernels', async () => {
    const state = {
      ...drawnDirection(model, 3),
      step: 10,
      beta2: 0.999,
      has: () => true,
      describe: { file: 'drawn' },
    };
    await compare({ ...request, formula: adam({ state }) });
  });

  test('are symmetric and positive semidefinite', async () => {
    const { splits, close } = await openKernelOperators({ ...request, runtime, queries: {} });
    const { kernel } = splits.train;
    const size = kernel.shape[0];
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), async (seed, other) => {
        const [x, y] = [draw(seed, size), draw(other + 1, size)];
        const [kx, ky] = [await kernel.matvec(x), await kernel.matvec(y)];
        const bound = 1e-5 * Math.max(norm(kx) * norm(y), norm(x) * norm(ky));
        expect(Math.abs(dot(kx, y) - dot(x, ky))).toBeLessThan(bound);
        expect(dot(kx, x)).toBeGreaterThan(0);
        expect(await kernel.rmatvec(x)).toEqual(kx);
      }),
      { numRuns: 5 },
    );
    await close();
  });

  test('give the same products one by one, together, in small batches and in little memory', async () => {
    const own = { ...request, labelWordIds: labelWordIds.slice(0, 2), binary: true };
    const vectors = [0, 1, 2].map((seed) => draw(seed, own.train.length));
    const { splits, close } = await openKernelOperators({ ...own, runtime });
    const { kernel } = splits.test!;
    const together = await kernel.matmat(fromColumns(vectors));
    const array = (data: Float64Array) => ({ shape: [data.length], data });
    const one = await kernel.matvec(vectors[1]!);
    expect(relativeDifference(array(columnOf(together, 1)), array(one))).toBeLessThan(1e-6);
    const { test: dense } = await computeKernels({ ...own, runtime });
    const written = await kernel.toDense();
    const expected = transposed(dense!.kernel);
    expect(relativeDifference({ ...written, shape: expected.shape }, expected)).toBeLessThan(1e-5);
    await close();
    const smallest = (memory: number) => {
      try {
        checkOperatorRequest({ ...own, memory });
      } catch (caught) {
        if (caught instanceof MemoryBudgetError) return caught.smallest;
        throw caught;
      }
      return undefined;
    };
    let memory = 1;
    for (let next = smallest(memory); next !== undefined; next = smallest(memory)) memory = next;
    const tight = await openKernelOperators({ ...own, runtime, memory, batchSize: 1 });
    const again = await tight.splits.test!.kernel.matmat(fromColumns(vectors));
    expect(relativeDifference(again, together)).toBeLessThan(1e-6);
    await tight.close();
  });

  test('of formulas that are not linear, and of random subspaces, are refused with the reason before any work', async () => {
    const unread = { ...model, read: () => expect.fail('weights were read') };
    const attempt = (options: Partial<OperatorRequest>) =>
      openKernelOperators({ ...request, model: unread, runtime, ...options });
    for (const formula of ['signgd', 'a-signgd'])
      await expect(
        attempt({ formula, binary: true, labelWordIds: labelWordIds.slice(0, 2) }),
      ).rejects.toThrow(/found the map sign ∇f in an operator.*choose a linear formula: sgd or adam/);
    await expect(attempt({ formula: 'signgd' })).rejects.toThrow(FormulaNotAvailableError);
    await expect(attempt({ formula: 'cosine' })).rejects.toThrow(/"cosine": found a last step.*entries/);
    const projection = {} as GradientProjection;
    await expect(attempt({ projection })).rejects.toThrow(/found a random subspace.*lora/);
    await expect(attempt({ memory: 2 ** 20 })).rejects.toThrow(MemoryBudgetError);
    await expect(attempt({ train: [] })).rejects.toThrow(BadArgumentError);
    await expect(attempt({ formula: 'adam' })).rejects.toThrow(/labels: found "nothing"/);
  });

  test('leave nothing in the runtime, cancelled or not, and say so where they were closed', async () => {
    const before = runtime.residentBytes;
    const opening = openKernelOperators({ ...request, runtime, signal: AbortSignal.abort() });
    await expect(opening).rejects.toThrow(CancelledError);
    expect(runtime.residentBytes).toBe(before);
    const { splits, close } = await openKernelOperators({ ...request, runtime });
    const { kernel } = splits.train;
    const open = runtime.residentBytes;
    const v = draw(1, kernel.shape[1]);
    const phases = new Set<string>();
    const whole = await kernel.matvec(v, { onProgress: ({ phase }) => phases.add(phase) });
    expect([...phases]).toEqual(['gradient sums', 'derivatives']);
    for (const at of phases) {
      const controller = new AbortController();
      const onProgress = ({ phase }: { phase: string }) => phase === at && controller.abort();
      const cancelled = kernel.matvec(v, { signal: controller.signal, onProgress });
      await expect(cancelled).rejects.toThrow(CancelledError);
      expect(runtime.residentBytes).toBe(open);
    }
    expect(await kernel.matvec(v)).toEqual(whole);
    const [first, second] = await Promise.all([kernel.matvec(v), kernel.rmatvec(v)]);
    expect(first).toEqual(whole);
    expect(second).toEqual(whole);
    await close();
    expect(runtime.residentBytes).toBe(before);
    await expect(kernel.matvec(v)).rejects.toThrow(OperatorClosedError);
  });
});
