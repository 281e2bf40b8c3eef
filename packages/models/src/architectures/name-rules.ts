import type { NameRules } from '../names/weight-names.js';
import { wordSites } from '../sites/embedding.js';
import { linearSites } from '../sites/linear.js';
import { rowsOf } from '../sites/parameter-ref.js';
import { networkOf } from './build-stages.js';
import { architectureOf, type ModelConfig } from './registry.js';

/**
 * Names in checkpoints of a model: the prefixes of its architecture, and the two parameters of its network
 * that are one tensor if the decoder is tied.
 */
export const nameRulesOf = (config: ModelConfig): NameRules => {
  const { embeddings, head } = networkOf(config);
  const [words] = wordSites(embeddings.sites);
  const decoder = linearSites(head([0]).sites).find(({ weight }) => rowsOf(weight) !== undefined);
  if (!words || !decoder)
    throw new Error(
      `The network of ${config.modelType} has no word embeddings or no decoder of label words.`,
    );
  return {
    ...architectureOf(config).names,
    wordEmbeddings: words.table.name,
    decoderWeight: decoder.weight.name,
  };
};
