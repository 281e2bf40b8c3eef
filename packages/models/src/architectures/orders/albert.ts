import type { AlbertConfig } from '../../config/model-config.js';
import {
  both,
  count,
  embeddings,
  headBiases,
  maybe,
  moduleShapes,
  one,
  type ParameterOrders,
  untied,
} from './choices.js';

const layer = [
  'full_layer_layer_norm',
  ...['query', 'key', 'value', 'dense', 'LayerNorm'].map((name) => `attention.${name}`),
  ...['ffn', 'ffn_output'],
];

/** ALBERT, with and without its pooler and its head of sentence order. */
export const albertOrders: ParameterOrders<AlbertConfig> = {
  orders: (config) => {
    const group = (g: number) =>
      count(config.innerGroups, (i) =>
        both(layer, `albert.encoder.albert_layer_groups.${g}.albert_layers.${i}.`),
      );
    return [
      [
        embeddings('albert.'),
        one(...both(['albert.encoder.embedding_hidden_mapping_in'])),
        one(...count(config.hiddenGroups, group)),
        maybe(...both(['albert.pooler'])),
        one('predictions.bias', ...both(['LayerNorm', 'dense'], 'predictions.')),
        untied(config, 'predictions.'),
        maybe(...both(['sop_classifier.classifier'])),
      ],
    ];
  },
  unused: (config) => [
    ...moduleShapes('sop_classifier.classifier', 2, config),
    ...moduleShapes('albert.pooler', config.hiddenSize, config),
    ...headBiases('predictions.', config),
  ],
};
