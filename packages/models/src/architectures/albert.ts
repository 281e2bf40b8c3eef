import { defineArchitecture } from './define-architecture.js';
import { bertLayer, bertTargets, type LayerNames } from './parts/bert-layer.js';
import { count, encoderConfig, maxLayers, name, rate, size, typedFields } from './parts/config-fields.js';
import { encoderEmbeddings } from './parts/encoder-embeddings.js';
import { decoderNames, mlmHead } from './parts/mlm-head.js';
import { both, eachLayer, embeddings, headParts, maybeDense, one } from './parts/orders.js';

const layerNames = (group: number, inner: number): LayerNames => {
  const layer = `albert.encoder.albert_layer_groups.${group}.albert_layers.${inner}`;
  return {
    query: `${layer}.attention.query`,
    key: `${layer}.attention.key`,
    value: `${layer}.attention.value`,
    attentionOutput: `${layer}.attention.dense`,
    attentionNorm: `${layer}.attention.LayerNorm`,
    intermediate: `${layer}.ffn`,
    output: `${layer}.ffn_output`,
    outputNorm: `${layer}.full_layer_layer_norm`,
  };
};

/**
 * ALBERT (Lan et al. 2020): factorized embeddings, and layers shared within groups. Stages of one group name
 * the same parameters, so a parameter's gradient is the sum over its stages.
 */
export const albert = defineArchitecture({
  modelType: 'albert',
  title: 'ALBERT',
  classes: { prefix: 'Albert', languageModel: 'AlbertForMaskedLM' },
  objective: 'masked',
  fields: {
    ...typedFields,
    embedding_size: size.default(128),
    hidden_act: name.default('gelu_new'),
    num_hidden_groups: count.default(1),
    inner_group_num: count.default(1),
    hidden_dropout_prob: rate.default(0),
    attention_probs_dropout_prob: rate.default(0),
  },
  config: (fields, complain) => {
    const { num_hidden_layers: layers, num_hidden_groups: groups, inner_group_num: inner } = fields;
    if (layers % groups !== 0)
      complain(`${layers} layers in ${groups} groups`, 'num_hidden_groups that divide num_hidden_layers');
    const all = Math.max(layers, groups) * inner;
    if (all > maxLayers)
      complain(`${all} layers (num_hidden_layers times inner_group_num)`, `at most ${maxLayers}`);
    return {
      ...encoderConfig(fields, complain),
      typeVocabSize: fields.type_vocab_size,
      embeddingSize: fields.embedding_size,
      hiddenGroups: groups,
      innerGroups: inner,
    };
  },
  names: { base: 'albert.', head: ['predictions.'] },
  network: (config) => {
    const { innerGroups: inner } = config;
    const layersPerGroup = config.layers / config.hiddenGroups;
    return {
      embeddings: encoderEmbeddings({
        ...config,
        module: 'albert.embeddings',
        projection: 'albert.encoder.embedding_hidden_mapping_in',
      }),
      layers: config.layers * inner,
      layer: (i, options) => {
        const layer = Math.floor(i / inner);
        return bertLayer(
          inner === 1 ? `layer.${layer}` : `layer.${layer}.${i % inner}`,
          layerNames(Math.floor(layer / layersPerGroup), i % inner),
          { ...config, dropoutAt: ['attention.output'] },
          options,
        );
      },
      head: (labelWordIds) =>
        mlmHead(
          {
            ...config,
            ...decoderNames('predictions.', config.tieWordEmbeddings),
            dense: 'predictions.dense',
            norm: 'predictions.LayerNorm',
          },
          labelWordIds,
        ),
    };
  },
  targets: bertTargets,
  // With and without the pooler and the head of sentence order.
  orders: (config) => [
    [
      embeddings('albert.'),
      one(...both(['albert.encoder.embedding_hidden_mapping_in'])),
      eachLayer(config.hiddenGroups * config.innerGroups, (i) => {
        const inner = config.innerGroups;
        const { outputNorm, ...others } = layerNames(Math.floor(i / inner), i % inner);
        return [outputNorm, ...Object.values(others)];
      }),
      maybeDense('albert.pooler', config.hiddenSize, config),
      ...headParts(config, 'predictions.', ['LayerNorm', 'dense']),
      maybeDense('sop_classifier.classifier', 2, config),
    ],
  ],
});
