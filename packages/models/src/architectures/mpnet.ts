import { defineArchitecture } from './define-architecture.js';
import { bertLayer, bertTargets, type LayerNames } from './parts/bert-layer.js';
import { encoderConfig, encoderFields, positionsBehindPadding, size } from './parts/config-fields.js';
import { encoderEmbeddings } from './parts/encoder-embeddings.js';
import { decoderNames, mlmHead } from './parts/mlm-head.js';
import { eachLayer, embeddings, headParts, maybeDense, one } from './parts/orders.js';

const layerNames = (index: number): LayerNames => {
  const layer = `mpnet.encoder.layer.${index}`;
  return {
    query: `${layer}.attention.attn.q`,
    key: `${layer}.attention.attn.k`,
    value: `${layer}.attention.attn.v`,
    attentionOutput: `${layer}.attention.attn.o`,
    attentionNorm: `${layer}.attention.LayerNorm`,
    intermediate: `${layer}.intermediate.dense`,
    output: `${layer}.output.dense`,
    outputNorm: `${layer}.output.LayerNorm`,
  };
};

/** All layers add the biases of one table to their attention scores. */
const BIAS_TABLE = 'mpnet.encoder.relative_attention_bias.weight';

/** transformers counts with these whatever the configuration says, which gives the table's rows alone. */
const BUCKETS = { buckets: 32, maxDistance: 128 };

/** The id that transformers' positions skip, whatever the configuration says. */
const PADDING = 1;

/** MPNet (Song et al. 2020): BERT's layers with relative attention biases, without token types. */
export const mpnet = defineArchitecture({
  modelType: 'mpnet',
  title: 'MPNet',
  classes: { prefix: 'MPNet', languageModel: 'MPNetForMaskedLM' },
  objective: 'masked',
  fields: {
    ...encoderFields,
    relative_attention_num_buckets: size.min(BUCKETS.buckets).default(BUCKETS.buckets),
  },
  config: (fields, complain) => {
    const { max_position_embeddings: positions, pad_token_id: padding } = fields;
    if ((padding ?? PADDING) !== PADDING) complain(`pad_token_id ${padding}`, `${PADDING}`);
    return {
      ...encoderConfig(fields, complain),
      ...positionsBehindPadding(positions, PADDING),
      biasRows: fields.relative_attention_num_buckets,
    };
  },
  names: { base: 'mpnet.', head: ['lm_head.'] },
  network: (config) => {
    const relativeBias = { ...BUCKETS, table: BIAS_TABLE, rows: config.biasRows };
    return {
      embeddings: encoderEmbeddings({ ...config, module: 'mpnet.embeddings' }),
      layers: config.layers,
      layer: (i, options) => bertLayer(`layer.${i}`, layerNames(i), { ...config, relativeBias }, options),
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
    };
  },
  targets: bertTargets,
  // With and without the pooler.
  orders: (config) => [
    [
      embeddings('mpnet.', ['word', 'position']),
      eachLayer(config.layers, (i) => Object.values(layerNames(i))),
      one(BIAS_TABLE),
      maybeDense('mpnet.pooler.dense', config.hiddenSize, config),
      ...headParts(config, 'lm_head.', ['dense', 'layer_norm']),
    ],
  ],
});
