import { join } from 'node:path';
import { writeAtomically, writeSafetensors } from '@ntk-lens/checkpoints';
import { type LongTaskOptions, writeFileList } from '@ntk-lens/core';
import { CONFIG_FILE, WEIGHTS_FILE } from '../../peft/adapter-config.js';
import { adapterContents } from '../../peft/adapter-contents.js';
import type { SpaceModel } from '../../space.js';

export interface WriteAdapterOptions extends LongTaskOptions {
  /** Name or directory of the base model, which PEFT loads by itself. Default: none. */
  readonly baseModel?: string;
}

/**
 * Writes a point of a space as a PEFT adapter that `PeftModel.from_pretrained` loads with the same logits.
 * The configuration is written last, so a directory with one is whole. The weights are listed with their hash, which is verified
 * when the adapter is read; the configuration is not, and can be edited.
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
  const { config, tensors, metadata } = await adapterContents(model, baseModel);
  const sum = await writeSafetensors(join(directory, WEIGHTS_FILE), tensors, metadata, options);
  await writeFileList(directory, { [WEIGHTS_FILE]: sum });
  await writeAtomically(join(directory, CONFIG_FILE), `${JSON.stringify(config, undefined, 2)}\n`);
};
