import type { BertLikeConfig } from '../../config/model-config.js';
import {
  bertLayers,
  both,
  type Choice,
  headBiases,
  maybe,
  moduleShapes,
  one,
  type ParameterOrders,
  untied,
} from './choices.js';

/** transformers 5 puts RoBERTa's positions last; in its XLM-RoBERTa the head comes first and owns the tied table. */
const orders = (config: BertLikeConfig): readonly (readonly Choice[])[] => {
  const words = 'roberta.embeddings.word_embeddings.weight';
  const positions = 'roberta.embeddings.position_embeddings.weight';
  const types = 'roberta.embeddings.token_type_embeddings.weight';
  const norm = both(['roberta.embeddings.LayerNorm']);
  const head = one('lm_head.bias', ...both(['dense', 'layer_norm'], 'lm_head.'));
  const body = [bertLayers('roberta.', config), maybe(...both(['roberta.pooler.dense']))];
  const tables = (...first: string[]): Choice => [
    [...first, positions, types, ...norm],
    [...first, types, ...norm, positions],
  ];
  const headFirst = config.tieWordEmbeddings
    ? [head, one('lm_head.decoder.weight'), tables(), ...body]
    : [head, untied(config, 'lm_head.'), tables(words), ...body];
  return [[tables(words), ...body, head, untied(config, 'lm_head.')], headFirst];
};

/** RoBERTa and XLM-RoBERTa, with and without the pooler. */
export const robertaOrders: ParameterOrders<BertLikeConfig> = {
  orders,
  unused: (config) => [
    ...moduleShapes('roberta.pooler.dense', config.hiddenSize, config),
    ...headBiases('lm_head.', config),
  ],
};
