import { join } from 'node:path';
import { openSafetensors } from '@ntk-lens/checkpoints';
import { sameShape } from '@ntk-lens/core';
import type { LanguageModel } from '@ntk-lens/models';
import type { SpaceModel } from '../space.js';
import { AdapterConfig, CONFIG_FILE, WEIGHTS_FILE } from './adapter-config.js';
import { adapterFormats } from './adapter-formats.js';
import { AdapterMismatchError, UnsupportedAdapterError } from './errors.js';
import { BASE_HASH } from './write-adapter.js';

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
  const config = await AdapterConfig.read(join(directory, CONFIG_FILE));
  const type = config.text('peft_type');
  const format = adapterFormats.find(({ peftType }) => peftType === type);
  if (!format) {
    const known = adapterFormats.map(({ peftType }) => peftType).join(', ');
    throw new UnsupportedAdapterError(config.file, `the type "${type}"`, known);
  }
  const path = join(directory, WEIGHTS_FILE);
  const file = await openSafetensors(path);
  try {
    const made = file.metadata.get(BASE_HASH);
    const hash = made === undefined ? undefined : await model.hash();
    if (made !== hash)
      throw new AdapterMismatchError(path, BASE_HASH, `a base model ${made}`, `${hash}, this model`);
    const tensors = {
      file: path,
      names: file.names,
      shape: (name: string) => file.info(name).shape,
      read: (name: string) => file.read(name),
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
  } finally {
    await file.close();
  }
};
