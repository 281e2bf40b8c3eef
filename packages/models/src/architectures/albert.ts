import type { AlbertConfig } from '../config/model-config.js';
import { type BlockNames, bertBlock } from './bert-block.js';
import { encoderEmbeddings } from './encoder-embeddings.js';
import { mlmHead } from './mlm-head.js';
import type { Network } from './network.js';

const blockNames = (group: number, inner: number): BlockNames => {
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
export const albertNetwork = (config: AlbertConfig): Network => {
  const { innerGroups: inner } = config;
  const layersPerGroup = config.layers / config.hiddenGroups;
  const bias = config.tieWordEmbeddings ? 'bias' : 'decoder.bias';
  return {
    embeddings: encoderEmbeddings({
      ...config,
      module: 'albert.embeddings',
      projection: 'albert.encoder.embedding_hidden_mapping_in',
    }),
    blocks: config.layers * inner,
    block: (i, options) => {
      const layer = Math.floor(i / inner);
      const names = blockNames(Math.floor(layer / layersPerGroup), i % inner);
      return bertBlock(
        inner === 1 ? `layer.${layer}` : `layer.${layer}.${i % inner}`,
        names,
        { ...config, dropoutAt: ['attention.output'] },
        options,
      );
    },
    head: (labelWordIds) =>
      mlmHead(
        {
          ...config,
          dense: 'predictions.dense',
          norm: 'predictions.LayerNorm',
          decoderWeight: 'predictions.decoder.weight',
          decoderBias: `predictions.${bias}`,
        },
        labelWordIds,
      ),
  };
};
