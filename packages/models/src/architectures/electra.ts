import { defineArchitecture } from './define-architecture.js';
import { bertLayer, bertLayerNames, bertTargets } from './parts/bert-layer.js';
import { encoderConfig, size, typedFields } from './parts/config-fields.js';
import { encoderEmbeddings } from './parts/encoder-embeddings.js';
import { mlmHead } from './parts/mlm-head.js';
import { both, eachLayer, embeddings, one } from './parts/orders.js';

const layerNames = bertLayerNames('electra.');

/**
 * ELECTRA's generator, a masked language model (Clark et al. 2020). Embeddings are projected where their size
 * differs from the hidden size; the head goes back to the embedding size and always uses gelu.
 */
export const electra = defineArchitecture({
  modelType: 'electra',
  title: 'ELECTRA, the generator',
  classes: { prefix: 'Electra', languageModel: 'ElectraForMaskedLM' },
  objective: 'masked',
  fields: { ...typedFields, embedding_size: size.default(128) },
  config: (fields, complain) => ({
    ...encoderConfig(fields, complain),
    typeVocabSize: fields.type_vocab_size,
    embeddingSize: fields.embedding_size,
  }),
  names: { base: 'electra.', head: ['generator_'] },
  network: (config) => ({
    embeddings: encoderEmbeddings({
      ...config,
      module: 'electra.embeddings',
      projection: config.embeddingSize === config.hiddenSize ? undefined : 'electra.embeddings_project',
    }),
    layers: config.layers,
    layer: (i, options) => bertLayer(`layer.${i}`, layerNames(i), config, options),
    head: (labelWordIds) =>
      mlmHead(
        {
          ...config,
          dense: 'generator_predictions.dense',
          norm: 'generator_predictions.LayerNorm',
          decoderWeight: 'generator_lm_head.weight',
          decoderBias: 'generator_lm_head.bias',
          activation: 'gelu',
        },
        labelWordIds,
      ),
  }),
  targets: bertTargets,
  orders: (config) => [
    [
      embeddings('electra.'),
      one(...(config.embeddingSize === config.hiddenSize ? [] : both(['electra.embeddings_project']))),
      eachLayer(config.layers, (i) => Object.values(layerNames(i))),
      one(...both(['generator_predictions.LayerNorm', 'generator_predictions.dense'])),
      one(...(config.tieWordEmbeddings ? [] : ['generator_lm_head.weight']), 'generator_lm_head.bias'),
    ],
  ],
});
