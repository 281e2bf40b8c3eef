import { join } from 'node:path';
import { openWeights, readJsonText } from '@ntk-lens/checkpoints';
import { isError, isNtkLensError, StrayContentError } from '@ntk-lens/core';
import type { ModelConfig } from '../architectures/registry.js';
import { ModelConfigError } from '../config/errors.js';
import { declaresArchitecture, parseModelConfig } from '../config/parse-model-config.js';

/**
 * Reads and checks the `config.json` of a model directory. A file that names neither a model type nor a class
 * is identified by the names of the weights.
 *
 * @example
 * ```ts
 * const config = await readModelConfig(modelDirectory);
 * if ('hiddenGroups' in config) console.log(config.hiddenGroups);
 * ```
 * @param directory a Hugging Face model directory
 * @returns the configuration under one set of names, distinguished by `modelType`
 * @throws StrayContentError, ModelConfigError if the file is missing, not JSON, or contradicts itself
 * @throws UnsupportedArchitectureError, which lists what is supported
 */
export const readModelConfig = async (directory: string): Promise<ModelConfig> => {
  const { value, file } = await readConfigJson(directory);
  if (typeof value !== 'object' || value === null || declaresArchitecture(value))
    return parseModelConfig(value, file);
  const source = await openWeights(directory).catch(() => undefined);
  try {
    return parseModelConfig(value, file, source);
  } finally {
    await source?.close();
  }
};

/** The JSON value of a directory's config.json, not yet checked. */
export const readConfigJson = async (
  directory: string,
): Promise<{ readonly value: unknown; readonly file: string }> => {
  const file = join(directory, 'config.json');
  let text: string;
  try {
    text = await readJsonText(file);
  } catch (cause) {
    if (isError(cause, StrayContentError)) throw cause;
    const found = isNtkLensError(cause) ? cause.message : 'no readable file';
    throw new ModelConfigError(file, found, 'a config.json of a Hugging Face model', { cause });
  }
  try {
    return { value: JSON.parse(text), file };
  } catch (cause) {
    throw new ModelConfigError(file, 'text that is not JSON', 'a JSON object', { cause });
  }
};
