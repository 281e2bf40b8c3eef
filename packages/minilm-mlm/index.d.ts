/**
 * Absolute path of the model directory: `config.json`, `model.safetensors` (float16), `tokenizer.json`,
 * `tokenizer_config.json`, `vocab.txt`.
 *
 * @example
 * ```ts
 * import { modelDirectory } from '@ntk-lens/minilm-mlm';
 * import { loadModel } from '@ntk-lens/models';
 * const model = await loadModel(modelDirectory);
 * ```
 */
export declare const modelDirectory: string;
