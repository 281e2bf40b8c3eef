import { BadArgumentError } from '@ntk-lens/core';
import { type ParametrizationName, parseModelConfig } from '@ntk-lens/models';
import type { OptimizerName } from '@ntk-lens/subspace';
import { vocabulary } from '../language/lexicon.js';

/** Everything that models of a ladder share: they differ in width and seed alone. */
export interface PretrainingScheme {
  readonly parametrization: ParametrizationName;
  /** Width at which all parametrizations coincide; the learning rate is that of this width. */
  readonly baseWidth: number;
  /** Weights that start at 0: for coordinate checks, where the random part of the output hides how it moves. */
  readonly zero: readonly ('output' | 'query')[];
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
  /** Optimizer steps; the learning rate rises over the first tenth and falls to 0 linearly. */
  readonly steps: number;
  /** Texts per step, one masked word each; no text is seen twice. */
  readonly batchSize: number;
  readonly layers: number;
  /** Attention heads; their size grows with width. */
  readonly heads: number;
  /** Width of the feed-forward layers, in widths. */
  readonly feedForward: number;
  /** Seed of the corpus, which all models of the ladder see. */
  readonly languageSeed: number;
}

/** μP with Adam, small enough for two processor cores: a few minutes up to width 512. */
export const defaultScheme: PretrainingScheme = {
  parametrization: 'mup',
  baseWidth: 64,
  zero: [],
  optimizer: 'adam',
  learningRate: 4e-3,
  steps: 600,
  batchSize: 48,
  layers: 2,
  heads: 4,
  feedForward: 2,
  languageSeed: 0,
};

/** config.json of a model of the scheme, as transformers reads it. */
export const schemeConfig = (
  { layers, heads, feedForward }: PretrainingScheme,
  width: number,
): Readonly<Record<string, unknown>> => {
  if (!(Number.isInteger(width) && width >= heads && width % heads === 0))
    throw new BadArgumentError('width', width, `a multiple of ${heads}, the number of heads`);
  return {
    architectures: ['BertForMaskedLM'],
    model_type: 'bert',
    vocab_size: vocabulary.length,
    hidden_size: width,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    intermediate_size: feedForward * width,
    hidden_act: 'gelu',
    hidden_dropout_prob: 0,
    attention_probs_dropout_prob: 0,
    max_position_embeddings: 64,
    type_vocab_size: 1,
    initializer_range: 0.02,
    layer_norm_eps: 1e-5,
    pad_token_id: 0,
    tie_word_embeddings: false,
  };
};

/** {@link schemeConfig}, read. */
export const modelConfigOf = (scheme: PretrainingScheme, width: number) =>
  parseModelConfig(schemeConfig(scheme, width));
