import { ndarray, sizeOf } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOptimizer } from '../optimizers/create-optimizer.js';
import { type UpdatedShape, updatedVariables, updateVariables } from './update-programs.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
});
afterAll(() => runtime.close());

const update = (
  variables: readonly UpdatedShape[],
  { momentum = 0.5, weightDecay = 0.25, scaled = true } = {},
) => {
  const optimizer = createOptimizer({ name: 'sgd', momentum, weightDecay });
  return updateVariables({
    optimizer,
    variables: updatedVariables(variables),
    scalars: 2,
    scaled,
  });
};

/** Small whole numbers: with factors that are powers of two, updates have no rounding. */
const numbers = (shape: readonly number[], seed: number) =>
  ndarray<'float32'>(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => ((i * seed) % 17) - 8),
    shape,
  );

// The last ones are longer than a piece, and no multiple of it.
it.each([[[[2, 3], [7]]], [[[400, 400]]], [[[3, 50_001]]]])(
  'an update of variables of shapes %j is the optimizer’s, element by element',
  async (shapes) => {
    const tensors = shapes.map((shape) => ({
      value: numbers(shape, 3),
      gradient: numbers(shape, 5),
      momentum: numbers(shape, 7),
    }));
    const expected = tensors.map(({ value, gradient, momentum }, v) =>
      value.data.map((x, i) => {
        const g = gradient.data[i]! * 0.5 + (v === 0 ? 0.25 * x : 0);
        return x - 0.125 * (0.5 * momentum.data[i]! + g);
      }),
    );
    const scalars = await runtime.upload(ndarray<'float32'>(Float32Array.of(0.5, 0.125), [2]));
    const variables = await Promise.all(
      tensors.map(async ({ value, gradient, momentum }) => ({
        value: await runtime.upload(value),
        gradient: await runtime.upload(gradient),
        state: { momentum: await runtime.upload(momentum) },
      })),
    );
    const program = update(shapes.map((shape, v) => ({ shape, decays: v === 0 })));
    const updated = await program.compute(runtime, { scalars, variables });
    for (const [v, { value }] of updated.variables.entries()) {
      expect(value.shape).toEqual(shapes[v]);
      expect(value.data).toEqual(expected[v]);
    }
  },
);

it('updates of large variables are one program for all their shapes, and for one function alone', () => {
  const identity = (...args: Parameters<typeof update>) => update(...args).flat.identity;
  const one = identity([{ shape: [400, 400], decays: true }]);
  expect(identity([{ shape: [500, 700], decays: true }])).toBe(one);
  const others = [
    identity([{ shape: [400, 400], decays: false }]),
    identity([{ shape: [400, 400], decays: true }], { momentum: 0.75 }),
    identity([{ shape: [400, 400], decays: true }], { weightDecay: 0.5 }),
    identity([{ shape: [400, 400], decays: true }], { scaled: false }),
  ];
  expect(new Set([one, ...others]).size).toBe(5);
});
