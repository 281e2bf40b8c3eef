import { type EncodedExample, type KernelSplit, ndarray } from '@ntk-lens/core';
import { type Program, type Resident, tf } from '@ntk-lens/engine';
import { collate, plainContext, type SideInputs } from '@ntk-lens/models';
import { createSolver } from '@ntk-lens/solvers';
import { describe, expect, test } from 'vitest';
import { takePart } from '../../models/src/forward/take-part.js';
import { architectureCase } from '../../models/src/testing/architecture-cases.js';
import { computeKernels } from './compute-kernels.js';
import { openForTests } from './testing/open-for-tests.js';

const { directory, examples, labelWordIds } = architectureCase('roberta');
const TRAIN = examples.slice(0, 3);
const TEST = examples.slice(3);
const labels = Int32Array.from(TRAIN, (_, i) => i % 2);

const { runtime, model } = await openForTests(directory);

/** Gradients of all outputs with respect to every use of a parameter, `[C][P]`: autodiff through the whole network. */
const jacobian = async (example: EncodedExample, words: readonly number[]): Promise<Float64Array[]> => {
  const stages = model.stages(words);
  const batch = { indices: [0], length: example.inputIds.length };
  const side = Object.entries(collate([example], batch, model.config));
  const inputs: Record<string, Resident> = {};
  for (const [name, array] of side) inputs[name] = await runtime.upload(array);
  const uses: string[] = [];
  for (const [k, stage] of stages.entries()) {
    for (const [local, { name, part }] of Object.entries(stage.weights)) {
      uses.push(`${k} ${local}`);
      inputs[`${k} ${local}`] = await runtime.upload(takePart(await model.read(name), part));
    }
  }
  const program: Program = {
    name: 'gradients of all outputs',
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([name, { shape }]) => [
        name,
        { dtype: ['ids', 'positions', 'types'].includes(name) ? 'int32' : 'float32', shape },
      ]),
    ),
    build: (tensors) => {
      const output =
        (c: number) =>
        (...weights: tf.Tensor[]): tf.Scalar => {
          let x: tf.Tensor | undefined;
          for (const [k, stage] of stages.entries()) {
            const own = uses.flatMap((use, i) =>
              use.startsWith(`${k} `) ? [[use.slice(`${k} `.length), weights[i]!] as const] : [],
            );
            x = stage.apply(plainContext, Object.fromEntries(own), tensors as unknown as SideInputs, x);
          }
          return x!.slice([0, c], [1, 1]).sum() as tf.Scalar;
        };
      const all = words.map((_, c) => tf.grads(output(c))(uses.map((use) => tensors[use]!)));
      return Object.fromEntries(all.flatMap((own, c) => own.map((gradient, i) => [`${c} ${i}`, gradient])));
    },
  };
  const found = await runtime.compute(program, inputs);
  runtime.release(Object.values(inputs));
  return words.map((_, c) =>
    Float64Array.from(uses.flatMap((_use, i) => Array.from(found[`${c} ${i}`]!.data))),
  );
};

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, p) => sum + x * b[p]!, 0);
const softmax = (f: readonly number[]): number[] => {
  const e = f.map((x) => Math.exp(x - Math.max(...f)));
  const total = e.reduce((a, b) => a + b, 0);
  return e.map((x) => x / total);
};

const losses = {
  squared: (f: readonly number[], label: number) => f.map((x, c) => x - (c === label ? 1 : 0)),
  'cross-entropy': (f: readonly number[], label: number) =>
    softmax(f).map((p, c) => p - (c === label ? 1 : 0)),
} as const;

describe.each(['squared', 'cross-entropy'] as const)('%s loss: what the kernel predicts', (loss) => {
  test('equals small-step gradient descent on the linearized network', async () => {
    const words = labelWordIds.slice(0, 2);
    const { train, test: query } = await computeKernels({
      model,
      runtime,
      formula: 'sgd',
      labelWordIds: words,
      train: TRAIN,
      queries: { test: TEST },
    });
    const split = ({ kernel, logits }: typeof train, own: Int32Array): KernelSplit => ({
      kernel,
      logits,
      labels: ndarray<'int32'>(own, [own.length]),
    });
    const time = 20;
    const solver = createSolver({ solver: 'gradient-flow', loss, time, f0Scale: 1, tolerance: 1e-10 });
    await solver.fit(split(train, labels));
    const predicted = solver.predict(split(query!, new Int32Array(TEST.length))).data;

    const gradients: Float64Array[] = [];
    for (const example of examples) gradients.push(...(await jacobian(example, words)));
    const f0 = [...train.logits.data, ...query!.logits.data];
    const parameters = gradients[0]!.length;
    /** f(ξ; θ₀) + ⟨∇f(ξ; θ₀), θ − θ₀⟩ of an example, `[C]`. */
    const linearized = (example: number, step: Float64Array): number[] =>
      words.map((_, c) => f0[2 * example + c]! + dot(gradients[2 * example + c]!, step));
    const descend = (steps: number): number[] => {
      const rate = time / solver.diagnostics!.largestEigenvalue / steps;
      const moved = new Float64Array(parameters);
      for (let t = 0; t < steps; t++) {
        const chi = TRAIN.map((_, n) => losses[loss](linearized(n, moved), labels[n]!));
        for (const [n, own] of chi.entries()) {
          for (const [c, value] of own.entries()) {
            const gradient = gradients[2 * n + c]!;
            for (let p = 0; p < parameters; p++) moved[p]! -= rate * value * gradient[p]!;
          }
        }
      }
      return TEST.flatMap((_, m) => linearized(TRAIN.length + m, moved));
    };
    const start = query!.logits.data;
    const travelled = Math.max(...predicted.map((f, i) => Math.abs(f - start[i]!)));
    const error = (steps: number): number =>
      Math.max(...descend(steps).map((f, i) => Math.abs(f - predicted[i]!))) / travelled;
    const [coarse, fine] = [error(200), error(400)];
    expect(travelled).toBeGreaterThan(0.01);
    expect(fine).toBeLessThan(0.02);
    // The error of Euler's method: half of it with half the step.
    expect(coarse / fine).toBeGreaterThan(1.8);
    expect(coarse / fine).toBeLessThan(2.2);
  });
});

test('a SignGD step on the linearized network moves outputs by −η sign(χ) K of A-SignGD', async () => {
  const words = labelWordIds.slice(0, 2);
  const { train, test: query } = await computeKernels({
    model,
    runtime,
    formula: 'a-signgd',
    binary: true,
    labelWordIds: words,
    train: TRAIN,
    queries: { test: TEST },
  });
  const gradients: Float64Array[] = [];
  for (const example of examples) {
    const [zero, one] = (await jacobian(example, words)) as [Float64Array, Float64Array];
    gradients.push(one.map((g, p) => g - zero[p]!));
  }
  const zeroTo = Math.max(...gradients.map((g) => Math.max(...g.map(Math.abs)))) * 1e-6;
  const sign = (g: number): number => (Math.abs(g) < zeroTo ? 0 : Math.sign(g));
  const rate = 1e-3;
  for (const [n, label] of labels.entries()) {
    const chi = 1 / (1 + Math.exp(-train.logits.data[n]!)) - label;
    const step = gradients[n]!.map((g) => -rate * sign(chi * g));
    for (const [m, gradient] of gradients.slice(TRAIN.length).entries()) {
      const kernel = query!.kernel.data[n * TEST.length + m]!;
      const expected = -rate * Math.sign(chi) * kernel;
      const size = rate * gradient.reduce((sum, g) => sum + Math.abs(g), 0);
      // Signs of gradients that are zero but for float32's rounding may differ.
      expect(Math.abs(dot(gradient, step) - expected)).toBeLessThan(2e-3 * size);
    }
  }
});
