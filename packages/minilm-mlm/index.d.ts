/**
 * Absolute path of the model directory: `config.json`, `model.safetensors` (float16), `tokenizer.json`,
 * `tokenizer_config.json`, `vocab.txt`. In a page it is the address of a folder `model` next to the script, from which
 * its files are fetched if a server has them there.
 *
 * @example
 * ```ts
 * import { modelDirectory } from '@ntk-lens/minilm-mlm';
 * import { loadModel } from '@ntk-lens/models';
 * const model = await loadModel(modelDirectory);
 * ```
 */
export declare const modelDirectory: string;
