import type { ModelFiles, OpenedModel, OpenModelOptions } from '../session/platform.js';
import { openModelFiles } from '../web/open-model-files.js';
import { modelDirectory } from './model-directory.js';

/** Opens the embedded model, a model directory, a model of the Hub, or one whose files are given. */
export const openModel = async (
  wanted: string | ModelFiles | undefined,
  options: OpenModelOptions,
): Promise<OpenedModel> => {
  if (typeof wanted === 'object') return openModelFiles(wanted);
  const { name, directory } = await modelDirectory(wanted, options);
  const { loadModel, readModelConfig } = await import('@ntk-lens/models');
  const { loadTokenizer } = await import('@ntk-lens/tokenizers');
  // A directory that is none of a model is told by its configuration.
  await readModelConfig(directory);
  const tokenizer = await loadTokenizer(directory);
  return { name, directory, tokenizer, model: await loadModel(directory, { verify: options.verify }) };
};
