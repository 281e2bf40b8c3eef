import { defineArchitecture } from './define-architecture.js';
import { bertLayer, bertLayerNames, bertTargets } from './parts/bert-layer.js';
import { encoderConfig, typedFields } from './parts/config-fields.js';
import { encoderEmbeddings } from './parts/encoder-embeddings.js';
import { decoderNames, mlmHead } from './parts/mlm-head.js';
import { eachLayer, embeddings, headParts, maybeDense } from './parts/orders.js';

const layerNames = bertLayerNames('bert.');

/** BERT (Devlin et al. 2019). */
export const bert = defineArchitecture({
  modelType: 'bert',
  title: 'BERT',
  classes: { prefix: 'Bert', languageModel: 'BertForMaskedLM' },
  objective: 'masked',
  fields: typedFields,
  config: (fields, complain) => ({
    ...encoderConfig(fields, complain),
    typeVocabSize: fields.type_vocab_size,
    positionOffset: 0,
  }),
  names: { base: 'bert.', head: ['cls.predictions.'] },
  network: (config) => ({
    embeddings: encoderEmbeddings({ ...config, module: 'bert.embeddings' }),
    layers: config.layers,
    layer: (i, options) => bertLayer(`layer.${i}`, layerNames(i), config, options),
    head: (labelWordIds) =>
      mlmHead(
        {
          ...config,
          ...decoderNames('cls.predictions.', config.tieWordEmbeddings),
          dense: 'cls.predictions.transform.dense',
          norm: 'cls.predictions.transform.LayerNorm',
        },
        labelWordIds,
      ),
  }),
  targets: bertTargets,
  // With and without the pooler and the head of sentence pairs.
  orders: (config) => [
    [
      embeddings('bert.'),
      eachLayer(config.layers, (i) => Object.values(layerNames(i))),
      maybeDense('bert.pooler.dense', config.hiddenSize, config),
      ...headParts(config, 'cls.predictions.', ['transform.dense', 'transform.LayerNorm']),
      maybeDense('cls.seq_relationship', 2, config),
    ],
  ],
});
