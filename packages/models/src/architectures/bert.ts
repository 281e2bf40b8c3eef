import type { BertLikeConfig } from '../config/model-config.js';
import { type BlockNames, bertBlock, embeddingSite, normSite } from './bert-block.js';
import { embedding, layerNorm } from './layers.js';
import { mlmHead } from './mlm-head.js';
import { type Stage, stage } from './stage.js';

/** Checkpoint names of block `index` under the base prefix. */
const blockNames = (prefix: string, index: number): BlockNames => {
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
export const bertStages = (config: BertLikeConfig, labelWordIds: readonly number[]): Stage[] => {
  const d = config.hiddenSize;
  const prefix = config.modelType === 'bert' ? 'bert' : 'roberta';
  const embeddings = `${prefix}.embeddings`;
  const head =
    config.modelType === 'bert'
      ? {
          dense: 'cls.predictions.transform.dense',
          norm: 'cls.predictions.transform.LayerNorm',
          decoderWeight: 'cls.predictions.decoder.weight',
          decoderBias: 'cls.predictions.bias',
        }
      : {
          dense: 'lm_head.dense',
          norm: 'lm_head.layer_norm',
          decoderWeight: 'lm_head.decoder.weight',
          decoderBias: 'lm_head.bias',
        };
  return [
    stage({
      name: 'embeddings',
      kind: 'embeddings',
      sites: [
        embeddingSite('words', 'ids', {
          name: `${embeddings}.word_embeddings.weight`,
          shape: [config.vocabSize, d],
        }),
        embeddingSite('positions', 'positions', {
          name: `${embeddings}.position_embeddings.weight`,
          shape: [config.positions, d],
        }),
        embeddingSite('types', 'types', {
          name: `${embeddings}.token_type_embeddings.weight`,
          shape: [config.typeVocabSize, d],
        }),
        normSite('norm', `${embeddings}.LayerNorm`, d),
      ],
      apply: (context, weights, side) => {
        const words = embedding(context, weights, 'words', side.ids);
        const types = embedding(context, weights, 'types', side.types);
        const positions = embedding(context, weights, 'positions', side.positions);
        return layerNorm(context, weights, 'norm', words.add(types).add(positions), config.layerNormEps);
      },
    }),
    ...Array.from({ length: config.layers }, (_, i) =>
      bertBlock(`layer.${i}`, blockNames(prefix, i), config, { last: i === config.layers - 1 }),
    ),
    // A BERT head always uses the model's own activation; RoBERTa's is fixed to gelu in transformers.
    mlmHead(
      { ...head, ...config, embeddingSize: d, activation: prefix === 'roberta' ? 'gelu' : config.activation },
      labelWordIds,
    ),
  ];
};
