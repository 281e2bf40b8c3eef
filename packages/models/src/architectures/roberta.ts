import { defineArchitecture } from './define-architecture.js';
import { bertLayer, bertLayerNames, bertTargets } from './parts/bert-layer.js';
import { encoderConfig, positionsBehindPadding, typedFields } from './parts/config-fields.js';
import { encoderEmbeddings } from './parts/encoder-embeddings.js';
import { decoderNames, mlmHead } from './parts/mlm-head.js';
import { both, eachLayer, headParts, maybeDense, one, type Part } from './parts/orders.js';

const layerNames = bertLayerNames('roberta.');

/** RoBERTa (Liu et al. 2019): BERT's network under other names, with positions counted from behind the padding's. */
export const roberta = defineArchitecture({
  modelType: 'roberta',
  title: 'RoBERTa, DistilRoBERTa and CamemBERT',
  classes: { prefix: 'Roberta', languageModel: 'RobertaForMaskedLM' },
  also: { camembert: { prefix: 'Camembert', languageModel: 'CamembertForMaskedLM' } },
  objective: 'masked',
  fields: typedFields,
  config: (fields, complain) => ({
    ...encoderConfig(fields, complain),
    typeVocabSize: fields.type_vocab_size,
    ...positionsBehindPadding(fields.max_position_embeddings, fields.pad_token_id ?? 1),
  }),
  names: { base: 'roberta.', head: ['lm_head.'] },
  network: (config) => ({
    embeddings: encoderEmbeddings({ ...config, module: 'roberta.embeddings' }),
    layers: config.layers,
    layer: (i, options) => bertLayer(`layer.${i}`, layerNames(i), config, options),
    head: (labelWordIds) =>
      mlmHead(
        {
          ...config,
          ...decoderNames('lm_head.', config.tieWordEmbeddings),
          dense: 'lm_head.dense',
          norm: 'lm_head.layer_norm',
          // Fixed in transformers, whatever the layers' is.
          activation: 'gelu',
        },
        labelWordIds,
      ),
  }),
  targets: bertTargets,
  // transformers 5 puts positions last; in its XLM-RoBERTa the head comes first and owns the tied table.
  orders: (config) => {
    const [words, positions, types] = ['word', 'position', 'token_type'].map(
      (table) => `roberta.embeddings.${table}_embeddings.weight`,
    ) as [string, string, string];
    const norm = both(['roberta.embeddings.LayerNorm']);
    const tables = (...first: string[]): Part => ({
      choices: [
        [...first, positions, types, ...norm],
        [...first, types, ...norm, positions],
      ],
    });
    const [head, decoder] = headParts(config, 'lm_head.', ['dense', 'layer_norm']);
    const body = [
      eachLayer(config.layers, (i) => Object.values(layerNames(i))),
      maybeDense('roberta.pooler.dense', config.hiddenSize, config),
    ];
    return [
      [tables(words), ...body, head, decoder],
      config.tieWordEmbeddings
        ? [head, one('lm_head.decoder.weight'), tables(), ...body]
        : [head, decoder, tables(words), ...body],
    ];
  },
});
