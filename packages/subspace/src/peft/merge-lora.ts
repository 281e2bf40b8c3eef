import { BadArgumentError, type NDArray, ndarray } from '@ntk-lens/core';
import { linearTargets } from '../spaces/find-targets.js';
import { type LoraSpace, loraFactors } from '../spaces/lora.js';
import type { SpaceModel, SpacePoint } from '../spaces/space.js';
import { spaceName } from './adapter-format.js';

/** (α/r) B A of every module, in the layout of the module's weight. */
const updates = async (model: SpaceModel): Promise<SpacePoint> => {
  if (spaceName(model.space) !== 'lora')
    throw new BadArgumentError('model', model.space.spec, 'a LoRA space');
  const { scale, options } = model.space as LoraSpace;
  const result = new Map<string, NDArray<'float32'>>();
  const targets = new Map(linearTargets(model.base).map((target) => [target.module, target]));
  for (const factors of await loraFactors(model)) {
    const { site, inSize, outSize } = targets.get(factors.module)!;
    const [a, b] = [factors.a.data, factors.b.data];
    const update = new Float32Array(outSize * inSize);
    for (let o = 0; o < outSize; o++) {
      for (let i = 0; i < inSize; i++) {
        let sum = 0;
        for (let k = 0; k < options.r; k++) sum += b[o * options.r + k]! * a[k * inSize + i]!;
        update[site.inFirst ? i * outSize + o : o * inSize + i] = scale * sum;
      }
    }
    result.set(site.weight.name, ndarray<'float32'>(update, site.weight.shape));
  }
  return result;
};

const combine = (
  weight: NDArray<'float32'>,
  update: NDArray<'float32'>,
  sign: 1 | -1,
): NDArray<'float32'> => ({
  ...weight,
  data: weight.data.map((value, i) => value + sign * update.data[i]!),
});

/**
 * Weights with their LoRA updates added, W + (α/r) B A: a model without extra parameters and the same logits.
 *
 * @example
 * ```ts
 * await saveModel('merged', model, { baseDirectory, changed: await mergeLora(tuned) });
 * ```
 * @param model a model in a LoRA space
 * @returns new values by Hugging Face name of the weights that change
 * @throws BadArgumentError for another space
 */
export const mergeLora = async (model: SpaceModel): Promise<SpacePoint> => {
  const merged = new Map<string, NDArray<'float32'>>();
  for (const [name, update] of await updates(model))
    merged.set(name, combine(await model.base.read(name), update, 1));
  return merged;
};

/**
 * Takes LoRA updates out of merged weights again: the base model's weights, but for float32's rounding.
 *
 * @param merged weights by name, as {@link mergeLora} returns them
 * @param model the space whose updates they hold
 * @throws BadArgumentError for another space, or where a weight is missing
 */
export const unmergeLora = async (merged: SpacePoint, model: SpaceModel): Promise<SpacePoint> => {
  const weights = new Map<string, NDArray<'float32'>>();
  for (const [name, update] of await updates(model)) {
    const weight = merged.get(name);
    if (!weight) throw new BadArgumentError('merged', [...merged.keys()].join(', '), name);
    weights.set(name, combine(weight, update, -1));
  }
  return weights;
};
