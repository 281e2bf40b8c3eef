import { BadArgumentError } from '@ntk-lens/core';
import { tf } from '@ntk-lens/engine';
import { stepKinds } from '@ntk-lens/models';
import { beforeAll, describe, expect, it } from 'vitest';
import { createOptimizer } from './create-optimizer.js';
import { type OptimizerName, optimizerNamed, optimizerNames, optimizerOptions } from './index.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** How far the first step from 0 goes, entry by entry. */
const firstStep = (name: OptimizerName, gradient: readonly number[]): Float32Array => {
  const optimizer = createOptimizer({ name });
  const tensors = {
    value: tf.zeros([gradient.length]),
    gradient: tf.tensor1d([...gradient]),
    state: Object.fromEntries(optimizer.state.map((key) => [key, tf.zeros([gradient.length])])),
  };
  const scalars = optimizer.scalars(1, 0.5).map((x) => tf.scalar(x));
  return optimizer.update(tensors, scalars, true).value.dataSync<'float32'>();
};

describe.each(optimizerNames)('%s', (name) => {
  const { settings, learningRate, learningRates, stepKind, startsAs } = optimizerNamed(name);

  it('steps with the power of the gradient that its kind of step says', () => {
    const gradient = [0.5, -2, 8];
    const small = firstStep(name, gradient);
    const large = firstStep(
      name,
      gradient.map((g) => 4 * g),
    );
    const factor = 4 ** stepKinds[stepKind].gradientPower;
    for (const [i, step] of small.entries()) {
      expect(Math.sign(step)).toBe(-Math.sign(gradient[i]!));
      expect(large[i]! / step).toBeCloseTo(factor, 5);
    }
  });

  it('takes the first step of the optimizer that it starts as', () => {
    if (!startsAs) return;
    const gradient = [0.5, -2, 8];
    const other = firstStep(startsAs.name, gradient);
    for (const [i, step] of firstStep(name, gradient).entries()) expect(step).toBeCloseTo(other[i]!, 5);
  });

  it('has defaults in range, and refuses what is not', () => {
    for (const [setting, { default: value, from, below }] of Object.entries(settings)) {
      expect(createOptimizer(optimizerOptions(name, { [setting]: value }))).toMatchObject({
        name: createOptimizer({ name }).name,
      });
      for (const bad of [from - 1, below, Number.NaN])
        expect(() => createOptimizer(optimizerOptions(name, { [setting]: bad }))).toThrow(
          new BadArgumentError(setting, bad, `a number from ${from} to below ${below}`),
        );
    }
    expect(learningRate).toBeGreaterThan(0);
    expect(learningRates).toContain(learningRate);
  });
});

it('an unknown name is refused with those that are known', () => {
  const unknown = { name: 'rmsprop' } as unknown as Parameters<typeof createOptimizer>[0];
  for (const refused of [() => createOptimizer(unknown), () => optimizerNamed(unknown.name)])
    expect(refused).toThrow(new BadArgumentError('optimizer', 'rmsprop', 'sgd, adam, adamw, signgd'));
});

it('options are those numbers that the optimizer takes', () => {
  const numbers = { momentum: 0.9, weightDecay: undefined, beta2: 0.95 };
  expect(optimizerNames.map((name) => optimizerOptions(name, numbers))).toEqual([
    { name: 'sgd', momentum: 0.9 },
    { name: 'adam', beta2: 0.95 },
    { name: 'adamw', beta2: 0.95 },
    { name: 'signgd' },
  ]);
});
