import type { ModelConfig } from '../config/model-config.js';
import { bertStages } from './bert.js';
import type { Stage } from './stage.js';

/** The chain of stages of a model whose logits are those of `labelWordIds`, in this order. */
export const buildStages = (config: ModelConfig, labelWordIds: readonly number[]): readonly Stage[] => {
  switch (config.modelType) {
    case 'bert':
    case 'roberta':
    case 'xlm-roberta':
      return bertStages(config, labelWordIds);
    default:
      throw new Error(`No stages for ${config.modelType}.`);
  }
};
