import type { ModelConfig } from '../config/model-config.js';

/**
 * How prompts for a model of this configuration end: `masked` models read the logits at the mask, `causal` ones
 * at the last token before its place. The value is the `objective` that templates and label words take.
 *
 * @example
 * ```ts
 * compileTemplate(template, tokenizer, { labelWordIds, objective: promptObjective(model.config) });
 * ```
 */
export const promptObjective = (config: Pick<ModelConfig, 'modelType'>): 'masked' | 'causal' =>
  config.modelType === 'gpt2' ? 'causal' : 'masked';
