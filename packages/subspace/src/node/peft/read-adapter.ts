import { openSafetensors, openTorchWeights, readJsonText } from '@ntk-lens/checkpoints';
import { verifyFileList } from '@ntk-lens/core';
import type { LanguageModel } from '@ntk-lens/models';
import { adapterFrom } from '../../peft/adapter-from.js';
import type { SpaceModel } from '../../space.js';
import { adapterPaths } from './adapter-paths.js';

/**
 * Reads a PEFT adapter, `adapter_config.json` and `adapter_model.safetensors` or `adapter_model.bin`, in
 * which nothing is run: LoRA, IA3, prompt tuning and prefix tuning.
 *
 * @example
 * ```ts
 * const adapted = await readAdapter('my-adapter', model);
 * await forwardLogits({ model: adapted, runtime, examples, labelWordIds });
 * ```
 * @param directory directory of the adapter
 * @param model the base model
 * @returns the model in the adapter's space, at the stored point
 * @throws AdapterConfigError, UnsupportedAdapterError naming the option or tensor
 * @throws AdapterMismatchError, which names the tensor, for an adapter of another base or shape
 * @throws DamagedFileError for weights that are not those that `writeAdapter` wrote; the errors of
 * safetensors and torch files
 */
export const readAdapter = async (directory: string, model: LanguageModel): Promise<SpaceModel> => {
  const names = adapterPaths(directory);
  await verifyFileList(directory);
  const config = await readJsonText(names.config);
  const open = names.weights.endsWith('.safetensors') ? openSafetensors : openTorchWeights;
  const weights = await open(names.weights);
  try {
    return await adapterFrom({ config, weights, names }, model);
  } finally {
    await weights.close();
  }
};
