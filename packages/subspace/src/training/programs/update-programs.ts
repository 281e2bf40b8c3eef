import { sizeOf } from '@ntk-lens/core';
import { type Program, type TensorSpec, tf } from '@ntk-lens/engine';
import type { Optimizer } from '../optimizers/optimizer.js';
import { sumRows } from './sum-rows.js';

const float = (shape: readonly number[]): TensorSpec => ({ dtype: 'float32', shape });

/** Sum of two tensors. */
export const addProgram = (shape: readonly number[]): Program => ({
  name: 'add',
  inputs: { a: float(shape), b: float(shape) },
  build: ({ a, b }) => ({ sum: tf.add(a!, b!) }),
});

/** Puts the gradients of chosen rows into a table of zeros; rows that occur twice are added. */
export const scatterProgram = (shape: readonly number[], places: readonly number[]): Program => ({
  name: `scatter ${places.join(' ')} into ${shape}`,
  inputs: { g: float([places.length, ...shape.slice(1)]) },
  build: ({ g }) => {
    const rows = g!.reshape([places.length, sizeOf(shape.slice(1))]) as tf.Tensor2D;
    return { table: sumRows(tf.tensor1d([...places], 'int32'), rows, shape[0]!).reshape([...shape]) };
  },
});

/** Sums of squares of several tensors: short partial sums, so that the total can be taken in float64. */
export const squaresProgram = (shapes: readonly (readonly number[])[]): Program => ({
  name: 'squares',
  inputs: Object.fromEntries(shapes.map((shape, i) => [`g${i}`, float(shape)])),
  build: (inputs) => ({
    squares: tf.concat(
      shapes.map((shape, i) => tf.sum(tf.square(inputs[`g${i}`]!), -1).reshape([sizeOf(shape.slice(0, -1))])),
    ),
  }),
});

/** A variable in an update program. */
export interface UpdatedShape {
  readonly shape: readonly number[];
  readonly decays: boolean;
}

/**
 * One optimizer step for several variables. Inputs per variable i: `value<i>`, `gradient<i>` and `<state><i>`; and
 * `scalars`: the optimizer's, after the factor by which the gradient is multiplied where `scaled`.
 */
export const updateProgram = (
  optimizer: Optimizer,
  variables: readonly UpdatedShape[],
  scalars: number,
  scaled: boolean,
): Program => ({
  name: `update ${optimizer.name} scaled=${scaled} ${variables.map(({ decays }) => Number(decays)).join('')}`,
  elementwise: variables.length === 1,
  inputs: {
    scalars: float([scalars]),
    ...Object.fromEntries(
      variables.flatMap(({ shape }, i) =>
        ['value', 'gradient', ...optimizer.state].map((name) => [`${name}${i}`, float(shape)]),
      ),
    ),
  },
  build: (inputs) => {
    const numbers = Array.from({ length: scalars }, (_, i) =>
      tf.slice(inputs['scalars']!, [i], [1]).reshape([]),
    );
    const results: Record<string, tf.Tensor> = {};
    for (const [i, { decays }] of variables.entries()) {
      const gradient = inputs[`gradient${i}`]!;
      const { value, state } = optimizer.update(
        {
          value: inputs[`value${i}`]!,
          gradient: scaled ? gradient.mul(numbers[0]!) : gradient,
          state: Object.fromEntries(optimizer.state.map((name) => [name, inputs[`${name}${i}`]!])),
        },
        numbers.slice(1),
        decays,
      );
      results[`value${i}`] = value;
      for (const name of optimizer.state) results[`${name}${i}`] = state[name]!;
    }
    return results;
  },
});
