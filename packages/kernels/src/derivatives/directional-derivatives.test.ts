import { BadArgumentError, CancelledError, Mt19937, type NDArray, ndarray, sizeOf } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { forwardLogits, type LanguageModel, loadModel, partKey, takePart } from '@ntk-lens/models';
import { relativeDifference } from '@ntk-lens/testing/compare';
import { sampled } from '@ntk-lens/testing/sampled';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { architectureCase, architectureNames } from '../../../models/src/testing/architecture-cases.js';
import {
  type DerivativeRequest,
  directionalDerivatives,
  MemoryBudgetError,
  matchParameters,
  NoParametersError,
  type WeightDirection,
  weightDifference,
} from '../index.js';
import { ModelProbe } from '../self-check/model-probe.js';
import { kernelBlock } from '../testing/compare.js';
import { oracleCase, oracleNames } from '../testing/oracle-cases.js';
import { testRuntime } from '../testing/test-runtime.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: testRuntime, threads: 1 });
});
afterAll(() => runtime.close());

/** ∇f_c(ξ) as a direction: the parts that sites use, put where they are in their parameters. */
const gradientOf = async (
  model: LanguageModel,
  labelWordIds: readonly number[],
  example: Parameters<ModelProbe['gradient']>[0],
  output: number,
): Promise<WeightDirection> => {
  const probe = await ModelProbe.open(runtime, model, labelWordIds);
  const gradient = await probe.gradient(example, output, example.inputIds.length);
  const whole = new Map<string, NDArray<'float32'>>();
  const uses = probe.stages.flatMap(({ weights }) => Object.values(weights));
  for (const ref of new Map(uses.map((use) => [partKey(use), use])).values()) {
    const resident = gradient.get(partKey(ref));
    const size = sizeOf(ref.shape);
    const array = whole.get(ref.name) ?? ndarray<'float32'>(new Float32Array(size), ref.shape);
    whole.set(ref.name, array);
    if (!resident) continue;
    const { data } = await probe.scope.download(resident);
    const places = takePart(
      ndarray(
        Float32Array.from({ length: size }, (_, k) => k),
        ref.shape,
      ),
      ref.part,
    );
    for (const [k, place] of places.data.entries()) array.data[place] = data[k]!;
  }
  await probe.close();
  return { read: async (name) => copy(whole.get(name)!) };
};

const copy = (array: NDArray<'float32'>): NDArray<'float32'> => ({ ...array, data: array.data.slice() });

/** Random entries, as large as weights of such a model; zero for parameters that do not move. */
const randomDirection = (
  model: LanguageModel,
  scale: number,
  moves: (name: string) => boolean = () => true,
): WeightDirection => ({
  read: async (name) => {
    const shape = model.parameters.get(name)!;
    const random = new Mt19937([...name].map((letter) => letter.charCodeAt(0)));
    const value = () => (moves(name) ? scale * random.standardNormal() : 0);
    return ndarray<'float32'>(Float32Array.from({ length: sizeOf(shape) }, value), shape);
  },
});

/** θ + v. */
const movedModel = (model: LanguageModel, direction: WeightDirection): LanguageModel => ({
  ...model,
  storedName: (name) => name,
  read: async (name) => {
    const [weight, step] = [await model.read(name), await direction.read(name)];
    for (let i = 0; i < weight.data.length; i++) weight.data[i]! += step.data[i]!;
    return weight;
  },
});

const difference = (a: NDArray, b: NDArray): NDArray<'float64'> => ({
  dtype: 'float64',
  shape: a.shape,
  data: Float64Array.from(a.data, (x, i) => x - b.data[i]!),
});

describe.each(oracleNames)('derivatives of a tiny %s', (name) => {
  const oracle = oracleCase(name);
  let model: LanguageModel;
  let request: Omit<DerivativeRequest, 'directions'>;
  beforeAll(async () => {
    model = await loadModel(oracle.directory);
    request = { model, runtime, examples: oracle.examples, labelWordIds: oracle.labelWordIds, batchSize: 2 };
  });
  afterAll(() => model.close());

  test('along a gradient are a row of the kernel of float64 Jacobians', async () => {
    const rows = [
      [0, 0],
      [2, 1],
    ] as const;
    const directions = await Promise.all(
      rows.map(([i, c]) => gradientOf(model, oracle.labelWordIds, oracle.examples[i]!, c)),
    );
    const { logits, derivatives } = await directionalDerivatives({ ...request, directions });
    expect(relativeDifference(logits, oracle.logits)).toBeLessThan(1e-6);
    const all = oracle.examples.map((_, i) => i);
    const size = all.length * 3;
    for (const [k, [i, c]] of rows.entries()) {
      const { data } = kernelBlock(oracle.total('sgd', 'all'), [i], all);
      const row = ndarray<'float64'>(Float64Array.from(data).subarray(c * size, (c + 1) * size), [
        all.length,
        3,
      ]);
      expect(relativeDifference(derivatives[k]!, row)).toBeLessThan(1e-5);
    }
  });

  test('are exact where the model is linear in what moves, and second-order in the step where it is not', async () => {
    const error = async (direction: WeightDirection) => {
      const { logits, derivatives } = await directionalDerivatives({ ...request, directions: [direction] });
      const moved = await forwardLogits({ ...request, model: movedModel(model, direction) });
      const change = difference(moved, logits);
      return { error: difference(change, derivatives[0]!), change };
    };
    const norm = ({ data }: NDArray) => Math.hypot(...data);
    const head = model.stages([0]).at(-1)!;
    const decoder = head.sites.find((site) => site.kind === 'linear' && site.weight.part)!;
    const names = decoder.kind === 'linear' ? [decoder.weight.name, decoder.bias?.name] : [];
    const linear = await error(randomDirection(model, 0.5, (parameter) => names.includes(parameter)));
    expect(norm(linear.change)).toBeGreaterThan(0.1);
    expect(norm(linear.error) / norm(linear.change)).toBeLessThan(1e-6);

    const [coarse, fine] = [
      await error(randomDirection(model, 4e-3)),
      await error(randomDirection(model, 2e-3)),
    ];
    const ratio = norm(coarse.error) / norm(fine.error);
    expect(ratio).toBeGreaterThan(3.2);
    expect(ratio).toBeLessThan(4.8);
  });

  test('do not depend on batches, memory, or which directions are taken together', async () => {
    const directions = [0.1, 0.02].map((scale) => randomDirection(model, scale));
    const whole = await directionalDerivatives({ ...request, directions, batchSize: 32 });
    const one = await directionalDerivatives({ ...request, directions: [directions[1]!], batchSize: 1 });
    expect(relativeDifference(one.derivatives[0]!, whole.derivatives[1]!)).toBeLessThan(1e-5);
    const smallest = await directionalDerivatives({ ...request, directions, memory: 1 }).catch(
      (error: MemoryBudgetError) => error.smallest,
    );
    const tight = await directionalDerivatives({ ...request, directions, memory: smallest as number });
    expect(relativeDifference(tight.derivatives[0]!, whole.derivatives[0]!)).toBeLessThan(1e-5);
  });
});

test.each(sampled(architectureNames, 3))(
  'derivatives of %s along a gradient are a row of its kernel',
  async (name) => {
    const { directory, examples, labelWordIds, kernels } = architectureCase(name);
    const model = await loadModel(directory);
    const directions = [await gradientOf(model, labelWordIds, examples[0]!, 0)];
    const request = { model, runtime, examples, labelWordIds, directions, batchSize: 2 };
    const { derivatives } = await directionalDerivatives(request);
    const { shape } = derivatives[0]!;
    const row = Float64Array.from(kernels.sgd.data.subarray(0, shape[0]! * shape[1]!));
    expect(relativeDifference(derivatives[0]!, ndarray<'float64'>(row, shape))).toBeLessThan(1e-5);
    await model.close();
  },
);

describe('directional derivatives', () => {
  const oracle = oracleCase(oracleNames[0]!);
  let model: LanguageModel;
  let request: DerivativeRequest;
  beforeAll(async () => {
    model = await loadModel(oracle.directory);
    const labelWordIds = oracle.labelWordIds.slice(0, 2);
    const directions = [randomDirection(model, 0.1)];
    request = { model, runtime, examples: oracle.examples, labelWordIds, directions };
  });
  afterAll(() => model.close());

  test('of one output are the difference of those of two', async () => {
    const two = (await directionalDerivatives(request)).derivatives[0]!.data;
    const one = (await directionalDerivatives({ ...request, binary: true })).derivatives[0]!.data;
    for (const [i, value] of one.entries()) expect(value).toBeCloseTo(two[2 * i + 1]! - two[2 * i]!, 4);
  });

  test('are those of the parameters that move', async () => {
    const biases = matchParameters({ include: ['*bias*'] });
    const { derivatives: some } = await directionalDerivatives({ ...request, parameters: biases });
    const directions = [randomDirection(model, 0.1, biases)];
    const { derivatives: others } = await directionalDerivatives({ ...request, directions });
    expect(relativeDifference(some[0]!, others[0]!)).toBeLessThan(1e-5);
  });

  test('along θ − θ are zero, and along θ_t − θ₀ those of the difference', async () => {
    const step = randomDirection(model, 0.1);
    const directions = [
      weightDifference(model, model),
      weightDifference(movedModel(model, step), model),
      step,
    ];
    const [none, there, expected] = (await directionalDerivatives({ ...request, directions })).derivatives;
    expect(none!.data.every((x) => x === 0)).toBe(true);
    expect(relativeDifference(there!, expected!)).toBeLessThan(1e-5);
  });

  test('leave nothing in the runtime, cancelled or not, and refuse bad input before any work', async () => {
    const before = runtime.residentBytes;
    await directionalDerivatives(request);
    const stop = new AbortController();
    const cancelled = directionalDerivatives({
      ...request,
      signal: stop.signal,
      onProgress: ({ phase }) => phase === 'derivatives' && stop.abort(),
    });
    await expect(cancelled).rejects.toThrow(CancelledError);
    expect(runtime.residentBytes).toBe(before);
    const failing = (options: Partial<DerivativeRequest>) =>
      directionalDerivatives({ ...request, ...options });
    await expect(failing({ parameters: () => false })).rejects.toThrow(NoParametersError);
    await expect(failing({ memory: 2 ** 20 })).rejects.toThrow(MemoryBudgetError);
    await expect(failing({ binary: true, labelWordIds: oracle.labelWordIds })).rejects.toThrow(
      BadArgumentError,
    );
    const other = { read: async () => ndarray<'float32'>(new Float32Array(1), [1]) };
    await expect(failing({ directions: [weightDifference(other, model)] })).rejects.toThrow(BadArgumentError);
    expect(runtime.residentBytes).toBe(before);
  });
});
