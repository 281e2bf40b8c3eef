import type { BertLikeConfig } from '../../config/model-config.js';
import {
  bertLayers,
  both,
  embeddings,
  headBiases,
  maybe,
  moduleShapes,
  one,
  type ParameterOrders,
  untied,
} from './choices.js';

/** BERT, with and without its pooler and its head of sentence pairs. */
export const bertOrders: ParameterOrders<BertLikeConfig> = {
  orders: (config) => [
    [
      embeddings('bert.'),
      bertLayers('bert.', config),
      maybe(...both(['bert.pooler.dense'])),
      one('cls.predictions.bias', ...both(['transform.dense', 'transform.LayerNorm'], 'cls.predictions.')),
      untied(config, 'cls.predictions.'),
      maybe(...both(['cls.seq_relationship'])),
    ],
  ],
  unused: (config) => [
    ...moduleShapes('cls.seq_relationship', 2, config),
    ...moduleShapes('bert.pooler.dense', config.hiddenSize, config),
    ...headBiases('cls.predictions.', config),
  ],
};
