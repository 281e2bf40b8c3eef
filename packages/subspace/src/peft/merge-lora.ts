import { BadArgumentError, type NDArray } from '@ntk-lens/core';
import type { SpaceModel, SpacePoint } from '../space.js';
import type { LoraSpace } from '../spaces/lora.js';
import { loraUpdates } from '../spaces/lora-factors.js';
import { addUpdate, addUpdates } from '../spaces/merge.js';
import { spaceName } from './adapter-format.js';

const updatesOf = (model: SpaceModel): Promise<SpacePoint> => {
  if (spaceName(model.space) !== 'lora')
    throw new BadArgumentError('model', model.space.spec, 'a LoRA space');
  return loraUpdates(model, (model.space as LoraSpace).scale);
};

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
export const mergeLora = async (model: SpaceModel): Promise<SpacePoint> =>
  addUpdates(model, await updatesOf(model));

/**
 * Takes LoRA updates out of merged weights again: the base model's weights, up to float32's rounding.
 *
 * @param merged weights by name, as {@link mergeLora} returns them
 * @param model the space whose updates they hold
 * @throws BadArgumentError for another space, or where a weight is missing
 */
export const unmergeLora = async (merged: SpacePoint, model: SpaceModel): Promise<SpacePoint> => {
  const weights = new Map<string, NDArray<'float32'>>();
  for (const [name, update] of await updatesOf(model)) {
    const weight = merged.get(name);
    if (!weight) throw new BadArgumentError('merged', [...merged.keys()].join(', '), name);
    weights.set(name, addUpdate(weight, update, -1));
  }
  return weights;
};
