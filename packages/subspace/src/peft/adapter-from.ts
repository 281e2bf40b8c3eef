import type { SafetensorsFile, WeightSource } from '@ntk-lens/checkpoints';
import { sameShape } from '@ntk-lens/core';
import type { LanguageModel } from '@ntk-lens/models';
import type { SpaceModel } from '../space.js';
import { AdapterConfig, BASE_HASH, CONFIG_FILE, WEIGHTS_FILE } from './adapter-config.js';
import { adapterFormats } from './adapter-formats.js';
import { AdapterMismatchError, UnsupportedAdapterError } from './errors.js';

/** The two files of a PEFT adapter. */
export interface AdapterFiles {
  /** Text of `adapter_config.json`. */
  readonly config: string;
  /** `adapter_model.safetensors`, or `adapter_model.bin` as `torchWeightsFrom` reads it; closed by its owner. */
  readonly weights: WeightSource & Partial<Pick<SafetensorsFile, 'metadata'>>;
  /** Names of both for errors. Default: their file names. */
  readonly names?: { readonly config: string; readonly weights: string };
}

/**
 * A model in the space of a PEFT adapter, at the adapter: LoRA, IA3, prompt tuning and prefix tuning.
 *
 * @example
 * ```ts
 * const adapted = await adapterFrom({ config, weights: await safetensorsFrom(bytes) }, model);
 * await forwardLogits({ model: adapted, runtime, examples, labelWordIds });
 * ```
 * @param model the base model
 * @returns the model in the adapter's space, at the stored point
 * @throws AdapterConfigError, UnsupportedAdapterError naming the option or tensor
 * @throws AdapterMismatchError, which names the tensor, for an adapter of another base or shape
 */
export const adapterFrom = async (
  { config: text, weights, names = { config: CONFIG_FILE, weights: WEIGHTS_FILE } }: AdapterFiles,
  model: LanguageModel,
): Promise<SpaceModel> => {
  const path = names.weights;
  const config = AdapterConfig.parse(text, names.config);
  const type = config.text('peft_type');
  const format = adapterFormats.find(({ peftType }) => peftType === type);
  if (!format) {
    const known = adapterFormats.map(({ peftType }) => peftType).join(', ');
    throw new UnsupportedAdapterError(config.file, `the type "${type}"`, known);
  }
  const made = weights.metadata?.get(BASE_HASH);
  const hash = made === undefined ? undefined : await model.hash();
  if (made !== hash)
    throw new AdapterMismatchError(path, BASE_HASH, `a base model ${made}`, `${hash}, this model`);
  const tensors = {
    file: path,
    names: weights.names,
    shape: (name: string) => weights.info(name).shape,
    read: (name: string) => weights.read(name),
  };
  const start = await format.space(config, tensors, model).apply(model);
  const point = await format.point(tensors, start);
  for (const [name, { shape }] of point) {
    const expected = start.trainable.get(name);
    if (!expected || !sameShape(shape, expected))
      throw new AdapterMismatchError(
        path,
        name,
        `shape [${shape}]`,
        expected ? `[${expected}]` : 'no such tensor',
      );
  }
  return start.at(point);
};
