import { BadArgumentError, type NDArray, sameShape } from '@ntk-lens/core';
import type { LanguageModel } from '@ntk-lens/models';

/** A vector in parameter space, read parameter by parameter. */
export interface WeightDirection {
  /** Its part of a parameter, in the parameter's shape: a fresh array. Only parameters that take part are read. */
  read(parameter: string): Promise<NDArray<'float32'>>;
}

/**
 * θ_to − θ_from, for {@link directionalDerivatives}. A tied decoder moves with the word embeddings, because both
 * are read.
 *
 * @example
 * ```ts
 * const step = weightDifference(await readPoint('runs/tuned/trajectory/step-000010.safetensors', model), model);
 * ```
 * @throws BadArgumentError when read, where the two models have other shapes
 */
export const weightDifference = (
  to: Pick<LanguageModel, 'read'>,
  from: Pick<LanguageModel, 'read'>,
): WeightDirection => ({
  read: async (parameter) => {
    const [end, start] = [await to.read(parameter), await from.read(parameter)];
    if (!sameShape(end.shape, start.shape))
      throw new BadArgumentError(parameter, `shape [${end.shape}]`, `[${start.shape}], as where it starts`);
    subtract(end.data, start.data);
    return end;
  },
});

// By itself, so that it is compiled for these arrays alone: large tables take seconds otherwise.
const subtract = (x: Float32Array, y: Float32Array): void => {
  for (let i = 0; i < x.length; i++) x[i]! -= y[i]!;
};
