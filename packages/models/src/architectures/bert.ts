import { defineArchitecture } from './define-architecture.js';
import { bertBlock, bertBlockNames, bertTargets } from './parts/bert-block.js';
import { encoderConfig, typedFields } from './parts/config-fields.js';
import { encoderEmbeddings } from './parts/encoder-embeddings.js';
import { decoderNames, mlmHead } from './parts/mlm-head.js';
import { blocks, embeddings, headParts, maybeDense } from './parts/orders.js';

const blockNames = bertBlockNames('bert.');

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
    blocks: config.layers,
    block: (i, options) => bertBlock(`layer.${i}`, blockNames(i), config, options),
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
      blocks(config.layers, (i) => Object.values(blockNames(i))),
      maybeDense('bert.pooler.dense', config.hiddenSize, config),
      ...headParts(config, 'cls.predictions.', ['transform.dense', 'transform.LayerNorm']),
      maybeDense('cls.seq_relationship', 2, config),
    ],
  ],
});
