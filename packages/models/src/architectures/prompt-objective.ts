import type { ModelConfig, ModelType } from '../config/model-config.js';

const objectives = {
  roberta: 'masked',
  'xlm-roberta': 'masked',
  bert: 'masked',
  distilbert: 'masked',
  albert: 'masked',
  electra: 'masked',
  gpt2: 'causal',
} as const satisfies Record<ModelType, 'masked' | 'causal'>;

/**
 * How prompts for a model of this configuration end: `masked` models read the logits at the mask, `causal` ones
 * at the last token before its place. The value is the `objective` that templates and label words take.
 *
 * @example
 * ```ts
 * compileTemplate(template, tokenizer, { labelWordIds, objective: promptObjective(model.config) });
 * ```
 */
export const promptObjective = ({ modelType }: Pick<ModelConfig, 'modelType'>): 'masked' | 'causal' =>
  objectives[modelType];
