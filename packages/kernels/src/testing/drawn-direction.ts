import { Mt19937, type NDArray, ndarray, sizeOf } from '@ntk-lens/core';
import type { LanguageModel } from '@ntk-lens/models';
import type { WeightDirection } from '../formulas/weight-direction.js';

/** Factors from 0.5 to 1.5 for every parameter of a model, drawn from its name and a seed. */
export const drawnDirection = ({ parameters }: LanguageModel, seed: number): WeightDirection => ({
  read: async (parameter): Promise<NDArray<'float32'>> => {
    const shape = parameters.get(parameter);
    if (!shape) throw new Error(`The model has no ${parameter}.`);
    const random = new Mt19937([seed, ...[...parameter].map((letter) => letter.codePointAt(0)!)]);
    return ndarray(
      Float32Array.from({ length: sizeOf(shape) }, () => 0.5 + random.randomSample()),
      shape,
    );
  },
});
