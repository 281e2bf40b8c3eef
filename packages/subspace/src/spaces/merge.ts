import type { NDArray } from '@ntk-lens/core';
import type { LanguageModel } from '@ntk-lens/models';
import type { SpacePoint } from '../space.js';

/** W + sign · update. */
export const addUpdate = (
  weight: NDArray<'float32'>,
  update: NDArray<'float32'>,
  sign: 1 | -1 = 1,
): NDArray<'float32'> => ({ ...weight, data: weight.data.map((value, i) => value + sign * update.data[i]!) });

/** A model's weights with updates added. */
export const addUpdates = async (
  model: Pick<LanguageModel, 'read'>,
  updates: SpacePoint,
): Promise<SpacePoint> => {
  const merged = new Map<string, NDArray<'float32'>>();
  for (const [name, update] of updates) merged.set(name, addUpdate(await model.read(name), update));
  return merged;
};
