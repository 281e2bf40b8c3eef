import type { DistilBertConfig } from '../../config/model-config.js';
import { both, count, maybe, one, type ParameterOrders } from './choices.js';

const layer = [
  ...['q_lin', 'k_lin', 'v_lin', 'out_lin'].map((name) => `attention.${name}`),
  ...['sa_layer_norm', 'ffn.lin1', 'ffn.lin2', 'output_layer_norm'],
];

/** DistilBERT, with and without trained positions: sinusoidal ones are not trained. */
export const distilbertOrders: ParameterOrders<DistilBertConfig> = {
  orders: ({ layers, tieWordEmbeddings }) => [
    [
      one('distilbert.embeddings.word_embeddings.weight'),
      maybe('distilbert.embeddings.position_embeddings.weight'),
      one(...both(['distilbert.embeddings.LayerNorm'])),
      one(...count(layers, (i) => both(layer, `distilbert.transformer.layer.${i}.`))),
      one(...both(['vocab_transform', 'vocab_layer_norm'])),
      one(...(tieWordEmbeddings ? [] : ['vocab_projector.weight']), 'vocab_projector.bias'),
    ],
  ],
  unused: () => [],
};
