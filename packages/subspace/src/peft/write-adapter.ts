import { join } from 'node:path';
import { writeAtomically, writeSafetensors } from '@ntk-lens/checkpoints';
import type { LongTaskOptions } from '@ntk-lens/core';
import type { SpaceModel } from '../space.js';
import { CONFIG_FILE, WEIGHTS_FILE } from './adapter-config.js';
import { adapterFormats } from './adapter-formats.js';
import { NoAdapterFormatError } from './errors.js';

/** Key of the base model's hash in the metadata of an adapter's weights. */
export const BASE_HASH = 'ntk_lens_base';

export interface WriteAdapterOptions extends LongTaskOptions {
  /** Name or directory of the base model, which PEFT loads by itself. Default: none. */
  readonly baseModel?: string;
}

/**
 * Writes a point of a space as a PEFT adapter that `PeftModel.from_pretrained` loads with the same logits.
 * The configuration is written last, so a directory with one is whole.
 *
 * @example
 * ```ts
 * await writeAdapter('my-adapter', tuned, { baseModel: 'roberta-base' });
 * ```
 * @param directory made if missing
 * @throws NoAdapterFormatError for a space that PEFT does not have; WeightWriteError; CancelledError
 */
export const writeAdapter = async (
  directory: string,
  model: SpaceModel,
  { baseModel, ...options }: WriteAdapterOptions = {},
): Promise<void> => {
  const format = adapterFormats.find(({ stores }) => stores(model.space));
  if (!format) throw new NoAdapterFormatError(model.space.spec, ['lora', 'ia3', 'prompt', 'prefix']);
  const { config, tensors } = await format.write(model);
  const metadata = { format: 'pt', [BASE_HASH]: await model.base.hash() };
  await writeSafetensors(join(directory, WEIGHTS_FILE), tensors, metadata, options);
  const entries = {
    peft_type: format.peftType,
    base_model_name_or_path: baseModel ?? null,
    inference_mode: true,
    task_type: null,
    ...config,
  };
  const text = `${JSON.stringify(entries, undefined, 2)}\n`;
  await writeAtomically(join(directory, CONFIG_FILE), text);
};
