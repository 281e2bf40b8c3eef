import type { ModelCheck } from '@ntk-lens/checkpoints';
import type { ModelFiles, OpenedModel, OpenModelOptions } from '../session/platform.js';
import { openModelFiles } from '../web/open-model-files.js';
import { modelDirectory } from './model-directory.js';

/** Opens the embedded model, a model directory, a model of the Hub, or one whose files are given. */
export const openModel = async (
  wanted: string | ModelFiles | undefined,
  { beforeWeights, ...options }: OpenModelOptions,
): Promise<OpenedModel> => {
  if (typeof wanted === 'object') return openModelFiles(wanted, { beforeWeights });
  const { loadableModel, loadModel, readModelConfig } = await import('@ntk-lens/models');
  const { loadTokenizer } = await import('@ntk-lens/tokenizers');
  let [looked, untold] = [false, false];
  /** A directory without a model is recognized by its configuration, which is read first. */
  const look = async (name: string, directory: string) => {
    const config = await readModelConfig(directory);
    const tokenizer = await loadTokenizer(directory);
    if (!looked) await beforeWeights?.({ name, directory, config, tokenizer });
    looked = true;
    return tokenizer;
  };
  const check: ModelCheck = async (directory, has, weights) => {
    const told = await loadableModel(directory, has, weights);
    // A configuration that names no architecture has to wait for the weights.
    if (has === 'config') untold = told === undefined;
    else if (has === 'tokenizer' && !untold) await look(wanted!, directory);
  };
  const { name, directory } = await modelDirectory(wanted, { ...options, check });
  const tokenizer = await look(name, directory);
  return { name, directory, tokenizer, model: await loadModel(directory, { verify: options.verify }) };
};
