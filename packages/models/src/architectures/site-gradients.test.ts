import { type EncodedExample, type NDArray, ndarray, zeros } from '@ntk-lens/core';
import { createRuntime, type Runtime, tf } from '@ntk-lens/engine';
import { sampled } from '@ntk-lens/testing/sampled';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collate } from '../batching/batch.js';
import { takePart } from '../forward/take-part.js';
import type { LanguageModel } from '../language-model.js';
import { loadModel } from '../node/load-model.js';
import type { ParameterRef } from '../sites/parameter-ref.js';
import type { Site } from '../sites/site.js';
import type { SiteContext, Tensors } from '../sites/site-context.js';
import type { SiteParameter } from '../sites/site-kind.js';
import { siteParameters } from '../sites/site-kinds.js';
import type { SideInputs } from '../stages/side-inputs.js';
import { architectureCase, architectureNames, relativeDifference } from '../testing/architecture-cases.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'tfjs-cpu' });
});
afterAll(() => runtime.close());

/** Adds `part` of a parameter's gradient at its place in the whole. */
const scatter = (whole: Float64Array, { shape, part }: ParameterRef, gradient: ArrayLike<number>): void => {
  const places = ndarray<'float32'>(
    Float32Array.from({ length: whole.length }, (_, i) => i),
    shape,
  );
  for (const [i, place] of takePart(places, part).data.entries()) whole[place]! += gradient[i]!;
};

/** Gradients of a site's parameters from its activation `[T, in]` and cotangent `[T, out]`, by docs/theory.md, Sites. */
const siteGradients = (
  site: Site,
  activation: tf.Tensor,
  cotangent: tf.Tensor,
): [ParameterRef, tf.Tensor][] => {
  const b = cotangent.reshape([-1, cotangent.shape.at(-1)!]) as tf.Tensor2D;
  const a = activation.reshape([-1, activation.shape.at(-1)!]) as tf.Tensor2D;
  const gradient = ({ role, ref, inFirst, zero }: SiteParameter): tf.Tensor => {
    switch (role) {
      case 'table': {
        const rows = tf.range(0, ref.shape[0]!, 1, 'int32');
        const oneHot = activation.reshape([-1, 1]).equal(rows).toFloat() as tf.Tensor2D;
        return tf.matMul(oneHot, b, true);
      }
      case 'weight':
        return inFirst ? tf.matMul(a, b, true) : tf.matMul(b, a, true);
      case 'scale':
        return a.mul(b).sum(0);
      case 'bias':
      case 'shift':
        return zero ? tf.zeros([b.shape[1]]) : b.sum(0);
    }
  };
  return siteParameters(site).map((parameter) => [parameter.ref, gradient(parameter)]);
};

/** Gradient of every logit with respect to every parameter, through the sites alone. */
const jacobian = (
  model: LanguageModel,
  weights: ReadonlyMap<string, NDArray<'float32'>>,
  example: EncodedExample,
  labelWordIds: readonly number[],
): ReadonlyMap<string, Float64Array>[] => {
  tf.engine().startScope();
  try {
    const stages = model.stages(labelWordIds);
    const arrays = collate([example], { indices: [0], length: example.inputIds.length + 3 }, model.config);
    const side = Object.fromEntries(
      Object.entries(arrays).map(([name, array]: [string, NDArray<'float32' | 'int32'>]) => [
        name,
        tf.tensor(array.data, [...array.shape], array.dtype),
      ]),
    ) as unknown as SideInputs;
    const local = stages.map((stage): Tensors => {
      const entries = Object.entries(stage.weights).map(([name, ref]) => {
        const { data, shape } = takePart(weights.get(ref.name)!, ref.part);
        return [name, tf.tensor(data, [...shape])];
      });
      return Object.fromEntries(entries);
    });
    const run = (context: (stage: number) => SiteContext): tf.Tensor => {
      let x: tf.Tensor | undefined;
      for (const [i, stage] of stages.entries()) x = stage.apply(context(i), local[i]!, side, x);
      return x!;
    };
    // The first run finds the sites in the order in which they are used.
    const uses: { readonly stage: number; readonly site: Site; activation: tf.Tensor; shape: number[] }[] =
      [];
    run((stage) => ({
      site: (name, activation, output) => {
        const site = stages[stage]!.sites.find((s) => s.name === name)!;
        uses.push({ stage, site, activation, shape: output.shape });
        return output;
      },
    }));
    expect(uses.map(({ stage, site }) => `${stage} ${site.name}`).sort()).toEqual(
      stages.flatMap((stage, i) => stage.sites.map((site) => `${i} ${site.name}`)).sort(),
    );
    const taps = uses.map(({ shape }) => tf.zeros(shape));
    return labelWordIds.map((_, c) => {
      const logit = (...inputs: tf.Tensor[]): tf.Scalar => {
        let next = 0;
        const tap = {
          site: (_name: string, _a: tf.Tensor, output: tf.Tensor) => output.add(inputs[next++]!),
        };
        return run(() => tap)
          .slice([0, c], [1, 1])
          .sum() as tf.Scalar;
      };
      const whole = new Map(
        [...model.parameters].map(([name, shape]) => [name, zeros('float64', shape).data]),
      );
      for (const [i, cotangent] of tf.grads(logit)(taps).entries()) {
        const { site, activation } = uses[i]!;
        for (const [ref, gradient] of siteGradients(site, activation, cotangent)) {
          scatter(whole.get(ref.name)!, ref, gradient.dataSync());
        }
      }
      return whole;
    });
  } finally {
    tf.engine().endScope();
  }
};

test.each(sampled(architectureNames, 3))(
  'the sites of %s carry the whole gradient, each once',
  async (architecture) => {
    const fixture = architectureCase(architecture);
    const model = await loadModel(fixture.directory);
    await tf.setBackend('cpu');
    const weights = new Map<string, NDArray<'float32'>>();
    for (const name of model.parameters.keys()) weights.set(name, await model.read(name));
    const rows: ReadonlyMap<string, Float64Array>[] = [];
    for (const example of fixture.examples) {
      rows.push(...jacobian(model, weights, example, fixture.labelWordIds));
    }
    const largest = Math.max(...Object.values(fixture.squaredNorms));
    const named = Object.entries(fixture.squaredNorms);
    expect(named.map(([name]) => name).sort()).toEqual(
      expect.arrayContaining([...model.parameters.keys()].sort()),
    );
    for (const [name, squared] of named) {
      // What is no parameter of ours has no gradient.
      const found = rows.reduce((sum, row) => sum + (row.get(name)?.reduce((s, g) => s + g * g, 0) ?? 0), 0);
      expect(Math.abs(found - squared), name).toBeLessThan(1e-4 * squared + 1e-10 * largest);
    }
    const kernel = zeros('float64', fixture.kernels.sgd.shape);
    for (const [i, a] of rows.entries()) {
      for (const [j, b] of rows.entries()) {
        for (const [name, gradient] of a) {
          const other = b.get(name)!;
          kernel.data[i * rows.length + j]! += gradient.reduce((sum, g, k) => sum + g * other[k]!, 0);
        }
      }
    }
    expect(relativeDifference(kernel, fixture.kernels.sgd)).toBeLessThan(1e-5);
    await model.close();
  },
);
