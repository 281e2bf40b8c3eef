import { defineArchitecture } from './define-architecture.js';
import { bertLayer, bertTargets, type LayerNames } from './parts/bert-layer.js';
import { activationOf, commonFields, count, id, name, rate, size } from './parts/config-fields.js';
import { encoderEmbeddings } from './parts/encoder-embeddings.js';
import { mlmHead } from './parts/mlm-head.js';
import { both, eachLayer, maybe, one } from './parts/orders.js';

const layerNames = (index: number): LayerNames => {
  const layer = `distilbert.transformer.layer.${index}`;
  return {
    query: `${layer}.attention.q_lin`,
    key: `${layer}.attention.k_lin`,
    value: `${layer}.attention.v_lin`,
    attentionOutput: `${layer}.attention.out_lin`,
    attentionNorm: `${layer}.sa_layer_norm`,
    intermediate: `${layer}.ffn.lin1`,
    output: `${layer}.ffn.lin2`,
    outputNorm: `${layer}.output_layer_norm`,
  };
};

/** DistilBERT (Sanh et al. 2019): BERT's layers under other names, without token types. */
export const distilbert = defineArchitecture({
  modelType: 'distilbert',
  title: 'DistilBERT',
  classes: { prefix: 'DistilBert', languageModel: 'DistilBertForMaskedLM' },
  objective: 'masked',
  fields: {
    ...commonFields,
    vocab_size: size,
    dim: size,
    n_layers: count,
    n_heads: count,
    hidden_dim: size,
    max_position_embeddings: size,
    dropout: rate.default(0.1),
    attention_dropout: rate.default(0.1),
    activation: name.default('gelu'),
    pad_token_id: id.nullish(),
  },
  config: (fields, complain) => ({
    vocabSize: fields.vocab_size,
    hiddenSize: fields.dim,
    layers: fields.n_layers,
    heads: fields.n_heads,
    intermediateSize: fields.hidden_dim,
    activation: activationOf(fields.activation, complain),
    layerNormEps: 1e-12,
    positions: fields.max_position_embeddings,
    maxTokens: fields.max_position_embeddings,
    padTokenId: fields.pad_token_id ?? 0,
    tieWordEmbeddings: fields.tie_word_embeddings,
    hiddenDropout: fields.dropout,
    attentionDropout: fields.attention_dropout,
    initializerRange: fields.initializer_range,
  }),
  names: { base: 'distilbert.', head: ['vocab_'] },
  network: (config) => ({
    embeddings: encoderEmbeddings({ ...config, module: 'distilbert.embeddings' }),
    layers: config.layers,
    layer: (i, options) =>
      bertLayer(`layer.${i}`, layerNames(i), { ...config, dropoutAt: ['output'] }, options),
    head: (labelWordIds) =>
      mlmHead(
        {
          ...config,
          dense: 'vocab_transform',
          norm: 'vocab_layer_norm',
          decoderWeight: 'vocab_projector.weight',
          decoderBias: 'vocab_projector.bias',
        },
        labelWordIds,
      ),
  }),
  targets: bertTargets,
  // With and without trained positions: sinusoidal ones are not trained.
  orders: ({ layers, tieWordEmbeddings }) => [
    [
      one('distilbert.embeddings.word_embeddings.weight'),
      maybe('distilbert.embeddings.position_embeddings.weight'),
      one(...both(['distilbert.embeddings.LayerNorm'])),
      eachLayer(layers, (i) => Object.values(layerNames(i))),
      one(...both(['vocab_transform', 'vocab_layer_norm'])),
      one(...(tieWordEmbeddings ? [] : ['vocab_projector.weight']), 'vocab_projector.bias'),
    ],
  ],
});
