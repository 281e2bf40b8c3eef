import type { ElectraConfig } from '../../config/model-config.js';
import { bertLayers, both, embeddings, one, type ParameterOrders } from './choices.js';

/** ELECTRA's generator; a projection where the embeddings have a size of their own. */
export const electraOrders: ParameterOrders<ElectraConfig> = {
  orders: (config) => [
    [
      embeddings('electra.'),
      one(...(config.embeddingSize === config.hiddenSize ? [] : both(['electra.embeddings_project']))),
      bertLayers('electra.', config),
      one(...both(['generator_predictions.LayerNorm', 'generator_predictions.dense'])),
      one(...(config.tieWordEmbeddings ? [] : ['generator_lm_head.weight']), 'generator_lm_head.bias'),
    ],
  ],
  unused: () => [],
};
