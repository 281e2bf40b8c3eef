import type { BertLikeConfig } from '../config/model-config.js';
import { type BlockNames, bertBlock } from './bert-block.js';
import { encoderEmbeddings } from './encoder-embeddings.js';
import { mlmHead } from './mlm-head.js';
import type { Network } from './network.js';

/** Checkpoint names of block `index` of BERT and its close relatives, under the base prefix. */
export const bertBlockNames = (prefix: string, index: number): BlockNames => {
  const layer = `${prefix}.encoder.layer.${index}`;
  return {
    query: `${layer}.attention.self.query`,
    key: `${layer}.attention.self.key`,
    value: `${layer}.attention.self.value`,
    attentionOutput: `${layer}.attention.output.dense`,
    attentionNorm: `${layer}.attention.output.LayerNorm`,
    intermediate: `${layer}.intermediate.dense`,
    output: `${layer}.output.dense`,
    outputNorm: `${layer}.output.LayerNorm`,
  };
};

/** BERT, RoBERTa and XLM-RoBERTa as masked language models: the same network under different names. */
export const bertNetwork = (config: BertLikeConfig): Network => {
  const isBert = config.modelType === 'bert';
  const prefix = isBert ? 'bert' : 'roberta';
  // With untied embeddings transformers keeps two biases, of which the decoder's is the one that is added.
  const bias = config.tieWordEmbeddings ? 'bias' : 'decoder.bias';
  const head = isBert
    ? {
        dense: 'cls.predictions.transform.dense',
        norm: 'cls.predictions.transform.LayerNorm',
        decoderWeight: 'cls.predictions.decoder.weight',
        decoderBias: `cls.predictions.${bias}`,
      }
    : {
        dense: 'lm_head.dense',
        norm: 'lm_head.layer_norm',
        decoderWeight: 'lm_head.decoder.weight',
        decoderBias: `lm_head.${bias}`,
      };
  const embeddingSize = config.hiddenSize;
  return {
    embeddings: encoderEmbeddings({ ...config, module: `${prefix}.embeddings`, embeddingSize }),
    blocks: config.layers,
    block: (i, options) => bertBlock(`layer.${i}`, bertBlockNames(prefix, i), config, options),
    // A BERT head uses the model's own activation; RoBERTa's is fixed to gelu in transformers.
    head: (labelWordIds) =>
      mlmHead(
        { ...config, ...head, embeddingSize, activation: isBert ? config.activation : 'gelu' },
        labelWordIds,
      ),
  };
};
