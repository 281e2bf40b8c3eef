import type { DistilBertConfig } from '../config/model-config.js';
import { type BlockNames, bertBlock } from './bert-block.js';
import { encoderEmbeddings } from './encoder-embeddings.js';
import { mlmHead } from './mlm-head.js';
import type { Network } from './network.js';

const blockNames = (index: number): BlockNames => {
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

/** DistilBERT (Sanh et al. 2019): BERT's blocks under other names, without token types. */
export const distilbertNetwork = (config: DistilBertConfig): Network => {
  const embeddingSize = config.hiddenSize;
  return {
    embeddings: encoderEmbeddings({ ...config, module: 'distilbert.embeddings', embeddingSize }),
    blocks: config.layers,
    block: (i, options) =>
      bertBlock(`layer.${i}`, blockNames(i), { ...config, dropoutAt: ['output'] }, options),
    head: (labelWordIds) =>
      mlmHead(
        {
          ...config,
          embeddingSize,
          dense: 'vocab_transform',
          norm: 'vocab_layer_norm',
          decoderWeight: 'vocab_projector.weight',
          decoderBias: 'vocab_projector.bias',
        },
        labelWordIds,
      ),
  };
};
