import { join } from 'node:path';
import { openSafetensors, readJsonText } from '@ntk-lens/checkpoints';
import type { LanguageModel } from '@ntk-lens/models';
import { CONFIG_FILE, WEIGHTS_FILE } from '../../peft/adapter-config.js';
import { adapterFrom } from '../../peft/adapter-from.js';
import type { SpaceModel } from '../../space.js';

/**
 * Reads a PEFT adapter, `adapter_config.json` and `adapter_model.safetensors`: LoRA, IA3, prompt tuning and
 * prefix tuning.
 *
 * @example
 * ```ts
 * const adapted = await readAdapter('my-adapter', model);
 * await forwardLogits({ model: adapted, runtime, examples, labelWordIds });
 * ```
 * @param directory of the adapter
 * @param model the base model
 * @returns the model in the adapter's space, at the stored point
 * @throws AdapterConfigError, UnsupportedAdapterError naming the option or tensor
 * @throws AdapterMismatchError, which names the tensor, for an adapter of another base or shape
 * @throws the errors of safetensors files
 */
export const readAdapter = async (directory: string, model: LanguageModel): Promise<SpaceModel> => {
  const names = { config: join(directory, CONFIG_FILE), weights: join(directory, WEIGHTS_FILE) };
  const config = await readJsonText(names.config);
  const weights = await openSafetensors(names.weights);
  try {
    return await adapterFrom({ config, weights, names }, model);
  } finally {
    await weights.close();
  }
};
