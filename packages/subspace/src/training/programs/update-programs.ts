import { sizeOf } from '@ntk-lens/core';
import { defineProgram, type Identified, type TensorSpec, tf } from '@ntk-lens/engine';
import type { Optimizer } from '../optimizers/optimizer.js';
import { sumRows } from './sum-rows.js';

const float = (shape: readonly number[]): TensorSpec => ({ dtype: 'float32', shape });

/** Sum of two tensors. */
export const addTensors = defineProgram('add', {
  inputs: ({ shape }: { readonly shape: readonly number[] }) => ({ a: float(shape), b: float(shape) }),
  build: ({ a, b }) => ({ sum: tf.add(a, b) }),
});

/** Puts the gradients of chosen rows into a table of zeros; rows that occur twice are added. */
export const scatterRows = defineProgram('scatter rows', {
  inputs: ({ shape, places }: { readonly shape: readonly number[]; readonly places: readonly number[] }) => ({
    rows: float([places.length, ...shape.slice(1)]),
  }),
  build: ({ rows }, { shape, places }) => {
    const flat = rows.reshape([places.length, sizeOf(shape.slice(1))]) as tf.Tensor2D;
    return { table: sumRows(tf.tensor1d([...places], 'int32'), flat, shape[0]!).reshape([...shape]) };
  },
});

/** Sums of squares of several tensors: short partial sums, so that the total can be taken in float64. */
export const sumSquares = defineProgram('squares', {
  inputs: ({ shapes }: { readonly shapes: readonly (readonly number[])[] }) => ({
    tensors: shapes.map(float),
  }),
  build: ({ tensors }, { shapes }) => ({
    squares: tf.concat(
      shapes.map((shape, i) => tf.sum(tf.square(tensors[i]!), -1).reshape([sizeOf(shape.slice(0, -1))])),
    ),
  }),
});

/** A variable in an update program. */
export interface UpdatedShape {
  readonly shape: readonly number[];
  readonly decays: boolean;
}

/** Variables that are updated together. */
export interface UpdatedVariables extends Identified {
  readonly list: readonly UpdatedShape[];
}

/**
 * Variables as an update takes them. Their shapes are no part of their identity: an update is the same function of
 * tensors of any shape, and is compiled once for the pieces of all large ones.
 */
export const updatedVariables = (variables: readonly UpdatedShape[]): UpdatedVariables => ({
  identity: variables.map(({ decays }) => Number(decays)).join(''),
  list: variables.map(({ shape, decays }) => ({ shape, decays })),
});

export interface UpdateSettings {
  readonly optimizer: Optimizer;
  readonly variables: UpdatedVariables;
  /** Number of scalars. */
  readonly scalars: number;
  /** Whether gradients are multiplied with the first scalar. */
  readonly scaled: boolean;
}

/**
 * One optimizer step for several variables. `scalars` are the optimizer's, after the factor by which gradients are
 * multiplied where `scaled`.
 */
export const updateVariables = defineProgram(({ optimizer }: UpdateSettings) => `update ${optimizer.name}`, {
  inputs: ({ optimizer, variables, scalars }) => ({
    scalars: float([scalars]),
    variables: variables.list.map(({ shape }) => ({
      value: float(shape),
      gradient: float(shape),
      state: Object.fromEntries(optimizer.state.map((name) => [name, float(shape)])),
    })),
  }),
  elementwise: ({ variables }) => variables.list.length === 1,
  build: (inputs, { optimizer, variables, scalars, scaled }) => {
    const numbers = Array.from({ length: scalars }, (_, i) => tf.slice(inputs.scalars, [i], [1]).reshape([]));
    return {
      variables: inputs.variables.map(({ value, gradient, state }, i) => {
        const scaledGradient = scaled ? gradient.mul(numbers[0]!) : gradient;
        const { decays } = variables.list[i]!;
        return optimizer.update({ value, gradient: scaledGradient, state }, numbers.slice(1), decays);
      }),
    };
  },
});
