import type { NDArray } from '@ntk-lens/core';
import type { SpaceModel } from '../space.js';
import { BASE_HASH } from './adapter-config.js';
import { adapterFormats } from './adapter-formats.js';
import { NoAdapterFormatError } from './errors.js';

/**
 * The two files of a PEFT adapter for a point of a space.
 *
 * @example
 * ```ts
 * const { config, tensors, metadata } = await adapterContents(tuned, 'roberta-base');
 * const bytes = encodeSafetensors(tensors, metadata); // adapter_model.safetensors
 * const text = JSON.stringify(config); // adapter_config.json
 * ```
 * @param baseModel name of the base model, which PEFT loads by itself; null for none
 * @throws NoAdapterFormatError for a space that PEFT does not have
 */
export const adapterContents = async (
  model: SpaceModel,
  baseModel: string | null = null,
): Promise<{
  readonly config: Readonly<Record<string, unknown>>;
  readonly tensors: ReadonlyMap<string, NDArray<'float32'>>;
  readonly metadata: Readonly<Record<string, string>>;
}> => {
  const format = adapterFormats.find(({ stores }) => stores(model.space));
  if (!format) throw new NoAdapterFormatError(model.space.spec, ['lora', 'ia3', 'prompt', 'prefix']);
  const { config, tensors } = await format.write(model);
  return {
    config: {
      peft_type: format.peftType,
      base_model_name_or_path: baseModel,
      inference_mode: true,
      task_type: null,
      ...config,
    },
    tensors,
    metadata: { format: 'pt', [BASE_HASH]: await model.base.hash() },
  };
};
