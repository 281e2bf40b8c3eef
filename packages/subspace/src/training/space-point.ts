import type { LanguageModel } from '@ntk-lens/models';
import type { SpaceModel, SpacePoint } from '../space.js';

/**
 * The place of a fine-tuned model in the space that it was tuned in, for adapters and kernels there.
 *
 * @example
 * ```ts
 * const { model: tuned } = await fineTune({ ...training, model: lora });
 * await writeAdapter('adapter', lora.at(await pointOf(tuned, lora)), { baseModel: 'my-model' });
 * ```
 * @param tuned the result of `fineTune` for `space`
 */
export const pointOf = async (
  tuned: Pick<LanguageModel, 'read'>,
  space: Pick<SpaceModel, 'trainable'>,
): Promise<SpacePoint> => {
  const point = new Map<string, Awaited<ReturnType<LanguageModel['read']>>>();
  for (const name of space.trainable.keys()) point.set(name, await tuned.read(name));
  return point;
};
