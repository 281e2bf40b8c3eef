import * as z from 'zod';
import type { Activation, NetworkConfig } from '../network-config.js';

/** Refuses a field that does not fit; `expected` completes "expected …". */
export type Complain = (found: string, expected: string) => never;

/** Most layers of a model; each costs memory before a weight is read. */
export const maxLayers = 4_096;

// Caps keep products of sizes exact and far above any published model.
const most = 2 ** 24;
export const size = z.number().int().min(1).max(most);
export const count = z.number().int().min(1).max(maxLayers);
export const id = z.number().int().min(0).max(most);
export const rate = z.number().min(0).max(1);
export const eps = z.number().gt(0).lt(1);
export const name = z.string().max(50);

/** Fields that all architectures share. */
export const commonFields = {
  architectures: z.array(z.string().max(200)).max(20).nullish(),
  tie_word_embeddings: z.boolean().default(true),
  is_decoder: z.boolean().default(false),
  add_cross_attention: z.boolean().default(false),
  initializer_range: z.number().gt(0).max(10).default(0.02),
};
export type CommonFields = typeof commonFields;

/** Fields of BERT and its relatives. */
export const encoderFields = {
  ...commonFields,
  vocab_size: size,
  hidden_size: size,
  num_hidden_layers: count,
  num_attention_heads: count,
  intermediate_size: size,
  max_position_embeddings: size,
  hidden_dropout_prob: rate.default(0.1),
  attention_probs_dropout_prob: rate.default(0.1),
  hidden_act: name.default('gelu'),
  layer_norm_eps: eps.default(1e-12),
  pad_token_id: id.nullish(),
  position_embedding_type: name.default('absolute'),
};

/** The same with token types. */
export const typedFields = { ...encoderFields, type_vocab_size: size.default(2) };

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

/** An activation function by any of its names. */
export const activationOf = (name: string, complain: Complain): Activation =>
  (Object.hasOwn(activationNames, name) ? activationNames[name] : undefined) ??
  complain(`activation "${name}"`, `one of ${Object.keys(activationNames).join(', ')}`);

/** The fields of BERT and its relatives. */
export const encoderConfig = (
  fields: z.output<z.ZodObject<typeof encoderFields>>,
  complain: Complain,
): NetworkConfig => {
  if (fields.position_embedding_type !== 'absolute')
    complain(`position_embedding_type "${fields.position_embedding_type}"`, '"absolute"');
  return {
    vocabSize: fields.vocab_size,
    hiddenSize: fields.hidden_size,
    layers: fields.num_hidden_layers,
    heads: fields.num_attention_heads,
    intermediateSize: fields.intermediate_size,
    activation: activationOf(fields.hidden_act, complain),
    layerNormEps: fields.layer_norm_eps,
    positions: fields.max_position_embeddings,
    maxTokens: fields.max_position_embeddings,
    padTokenId: fields.pad_token_id ?? 0,
    tieWordEmbeddings: fields.tie_word_embeddings,
    hiddenDropout: fields.hidden_dropout_prob,
    attentionDropout: fields.attention_probs_dropout_prob,
    initializerRange: fields.initializer_range,
  };
};

/** Positions that are counted from behind the padding token's id, as in RoBERTa. */
export const positionsBehindPadding = (positions: number, padTokenId: number) => ({
  padTokenId,
  /** Position id of the first token. */
  positionOffset: padTokenId + 1,
  maxTokens: positions - padTokenId - 1,
});
