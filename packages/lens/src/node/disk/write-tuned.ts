import { join } from 'node:path';
import { writeSafetensors } from '@ntk-lens/checkpoints';
import { BadArgumentError, isError, type LongTaskOptions, removeUnfinished, writeJson } from '@ntk-lens/core';
import { type LanguageModel, saveModel } from '@ntk-lens/models';
import { NoAdapterFormatError, pointOf, writeAdapter } from '@ntk-lens/subspace';
import type { TunedParts } from '../../session/disk.js';

/** The base model with what tuning made of the parameters that it has. */
const tunedBase = (base: LanguageModel, tuned: LanguageModel): LanguageModel => ({
  ...base,
  parameters: base.parameters,
  read: (name) => (tuned.parameters.has(name) ? tuned.read(name) : base.read(name)),
});

/**
 * Writes θ_T: a Hugging Face directory `model/` where the model's own parameters moved, a PEFT adapter
 * `adapter/` where the space has one, else the point itself, `point.safetensors` with `space.json`. A
 * classifier lies in the same directory, in `classifier.safetensors`.
 *
 * @returns path of what was written
 * @throws BadArgumentError for a whole model that is in no directory: config.json and the tokenizer are taken
 * over
 */
export const writeTuned = async (
  directory: string,
  { base, start: space, model: tuned, baseDirectory }: TunedParts,
  options: LongTaskOptions,
): Promise<string> => {
  await removeUnfinished(directory, ...['model', 'adapter'].map((name) => join(directory, name)));
  const classifier = ['classifier.weight', 'classifier.bias'].filter((name) => tuned.parameters.has(name));
  if (classifier.length > 0) {
    const tensors = new Map<string, Awaited<ReturnType<LanguageModel['read']>>>();
    for (const name of classifier) tensors.set(name, await tuned.read(name));
    await writeSafetensors(join(directory, 'classifier.safetensors'), tensors);
  }
  if ([...space.trainable.keys()].every((name) => base.parameters.has(name) || classifier.includes(name))) {
    if (baseDirectory === undefined)
      throw new BadArgumentError('model', 'one that is in no directory', 'a directory or an id of the Hub');
    const path = join(directory, 'model');
    await saveModel(path, tunedBase(base, tuned), { baseDirectory, ...options });
    return path;
  }
  const point = await pointOf(tuned, space);
  try {
    const path = join(directory, 'adapter');
    await writeAdapter(path, space.at(point), { baseModel: baseDirectory, ...options });
    return path;
  } catch (error) {
    if (!isError(error, NoAdapterFormatError)) throw error;
    const path = join(directory, 'point.safetensors');
    await writeSafetensors(path, point);
    await writeJson(join(directory, 'space.json'), {
      space: space.space.spec,
      seed: space.seed,
      base: await space.base.hash(),
    });
    return path;
  }
};
