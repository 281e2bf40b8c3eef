import type { z } from 'zod';
import type { Activation, ModelConfig, ModelType } from './model-config.js';
import { maxBlocks, type rawConfigs } from './raw-config.js';

type Raw = { readonly [T in ModelType]: z.infer<(typeof rawConfigs)[T]> };
type RawEncoder = Raw['bert'] | Raw['albert'] | Raw['electra'];

// transformers has several names for one function; gelu_python is the exact gelu in Python.
const activationNames: Readonly<Record<string, Activation>> = {
  gelu: 'gelu',
  gelu_python: 'gelu',
  gelu_new: 'gelu_new',
  gelu_pytorch_tanh: 'gelu_new',
  gelu_fast: 'gelu_new',
  relu: 'relu',
  silu: 'silu',
  swish: 'silu',
  tanh: 'tanh',
};

/** A field that does not fit; `expected` completes "expected …". */
export type Complain = (found: string, expected: string) => never;

/**
 * One set of names for every architecture, with values that contradict each other refused.
 *
 * @param complain throws the caller's error
 */
export const normalizeConfig = <T extends ModelType>(
  modelType: T,
  raw: Raw[T],
  complain: Complain,
): ModelConfig => {
  const config = normalizers[modelType](raw, complain);
  if (config.hiddenSize % config.heads !== 0) {
    complain(
      `hidden size ${config.hiddenSize} with ${config.heads} attention heads`,
      'heads that divide the hidden size',
    );
  }
  if (config.padTokenId >= config.vocabSize) {
    complain(
      `pad_token_id ${config.padTokenId} in a vocabulary of ${config.vocabSize}`,
      'an id of the vocabulary',
    );
  }
  if (config.maxTokens < 1) {
    complain(
      `${config.positions} positions with pad_token_id ${config.padTokenId}`,
      'room for at least one token',
    );
  }
  if (raw.add_cross_attention) complain('add_cross_attention: true', 'a model without cross attention');
  if (raw.is_decoder && modelType !== 'gpt2') complain('is_decoder: true', 'an encoder');
  return config;
};

const activation = (name: string, complain: Complain): Activation =>
  (Object.hasOwn(activationNames, name) ? activationNames[name] : undefined) ??
  complain(`activation "${name}"`, `one of ${Object.keys(activationNames).join(', ')}`);

const encoder = <T extends ModelType>(modelType: T, raw: RawEncoder, complain: Complain) => {
  if (raw.position_embedding_type !== 'absolute') {
    complain(`position_embedding_type "${raw.position_embedding_type}"`, '"absolute"');
  }
  return {
    modelType,
    architectures: raw.architectures ?? [],
    vocabSize: raw.vocab_size,
    hiddenSize: raw.hidden_size,
    layers: raw.num_hidden_layers,
    heads: raw.num_attention_heads,
    intermediateSize: raw.intermediate_size,
    activation: activation(raw.hidden_act, complain),
    layerNormEps: raw.layer_norm_eps,
    positions: raw.max_position_embeddings,
    maxTokens: raw.max_position_embeddings,
    padTokenId: raw.pad_token_id ?? 0,
    tieWordEmbeddings: raw.tie_word_embeddings,
    hiddenDropout: raw.hidden_dropout_prob,
    attentionDropout: raw.attention_probs_dropout_prob,
    initializerRange: raw.initializer_range,
    typeVocabSize: raw.type_vocab_size,
  };
};

const roberta = <T extends 'roberta' | 'xlm-roberta'>(modelType: T, raw: Raw[T], complain: Complain) => {
  const base = encoder(modelType, raw, complain);
  const padTokenId = raw.pad_token_id ?? 1;
  const positionOffset = padTokenId + 1;
  return { ...base, padTokenId, positionOffset, maxTokens: base.positions - positionOffset };
};

const normalizers: { readonly [T in ModelType]: (raw: Raw[T], complain: Complain) => ModelConfig } = {
  bert: (raw, complain) => ({ ...encoder('bert', raw, complain), positionOffset: 0 }),
  roberta: (raw, complain) => roberta('roberta', raw, complain),
  'xlm-roberta': (raw, complain) => roberta('xlm-roberta', raw, complain),
  electra: (raw, complain) => ({ ...encoder('electra', raw, complain), embeddingSize: raw.embedding_size }),
  albert: (raw, complain) => {
    if (raw.num_hidden_layers % raw.num_hidden_groups !== 0) {
      complain(
        `${raw.num_hidden_layers} layers in ${raw.num_hidden_groups} groups`,
        'num_hidden_groups that divide num_hidden_layers',
      );
    }
    const blocks = Math.max(raw.num_hidden_layers, raw.num_hidden_groups) * raw.inner_group_num;
    if (blocks > maxBlocks) {
      complain(`${blocks} blocks (layers times inner_group_num)`, `at most ${maxBlocks}`);
    }
    return {
      ...encoder('albert', raw, complain),
      embeddingSize: raw.embedding_size,
      hiddenGroups: raw.num_hidden_groups,
      innerGroups: raw.inner_group_num,
    };
  },
  distilbert: (raw, complain) => ({
    modelType: 'distilbert',
    architectures: raw.architectures ?? [],
    vocabSize: raw.vocab_size,
    hiddenSize: raw.dim,
    layers: raw.n_layers,
    heads: raw.n_heads,
    intermediateSize: raw.hidden_dim,
    activation: activation(raw.activation, complain),
    layerNormEps: 1e-12,
    positions: raw.max_position_embeddings,
    maxTokens: raw.max_position_embeddings,
    padTokenId: raw.pad_token_id ?? 0,
    tieWordEmbeddings: raw.tie_word_embeddings,
    hiddenDropout: raw.dropout,
    attentionDropout: raw.attention_dropout,
    initializerRange: raw.initializer_range,
  }),
  gpt2: (raw, complain) => ({
    modelType: 'gpt2',
    architectures: raw.architectures ?? [],
    vocabSize: raw.vocab_size,
    hiddenSize: raw.n_embd,
    layers: raw.n_layer,
    heads: raw.n_head,
    intermediateSize: raw.n_inner ?? 4 * raw.n_embd,
    activation: activation(raw.activation_function, complain),
    layerNormEps: raw.layer_norm_epsilon,
    positions: raw.n_positions,
    maxTokens: raw.n_positions,
    // GPT-2 has no padding token; its end of text, the last id, is used in padded batches.
    padTokenId:
      raw.pad_token_id ?? Math.min(raw.eos_token_id ?? Number.POSITIVE_INFINITY, raw.vocab_size - 1),
    tieWordEmbeddings: raw.tie_word_embeddings,
    hiddenDropout: raw.resid_pdrop,
    attentionDropout: raw.attn_pdrop,
    embeddingDropout: raw.embd_pdrop,
    initializerRange: raw.initializer_range,
    scaleAttention: raw.scale_attn_weights,
    scaleAttentionByLayer: raw.scale_attn_by_inverse_layer_idx,
  }),
};
