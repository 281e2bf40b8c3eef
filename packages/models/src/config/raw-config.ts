import { z } from 'zod';

/** Most blocks of a model; each costs memory before a weight is read. */
export const maxBlocks = 4_096;

// Caps keep products of sizes exact and far above any published model.
const size = z
  .number()
  .int()
  .min(1)
  .max(2 ** 24);
const count = z.number().int().min(1).max(maxBlocks);
const id = z
  .number()
  .int()
  .min(0)
  .max(2 ** 24);
const rate = z.number().min(0).max(1);
const eps = z.number().gt(0).lt(1);
const range = z.number().gt(0).max(10);

/** Fields that all architectures share; unknown fields are kept out. */
const common = {
  architectures: z.array(z.string().max(200)).max(20).nullish(),
  tie_word_embeddings: z.boolean().default(true),
  is_decoder: z.boolean().default(false),
  add_cross_attention: z.boolean().default(false),
  initializer_range: range.default(0.02),
};

const encoder = {
  ...common,
  vocab_size: size,
  hidden_size: size,
  num_hidden_layers: count,
  num_attention_heads: count,
  intermediate_size: size,
  max_position_embeddings: size,
  type_vocab_size: size,
  hidden_dropout_prob: rate.default(0.1),
  attention_probs_dropout_prob: rate.default(0.1),
  hidden_act: z.string().max(50).default('gelu'),
  layer_norm_eps: eps.default(1e-12),
  pad_token_id: id.nullish(),
  position_embedding_type: z.string().max(50).default('absolute'),
};

/** config.json of each `model_type`, with the defaults of transformers' configuration classes. */
export const rawConfigs = {
  bert: z.object({ ...encoder, type_vocab_size: size.default(2) }),
  roberta: z.object({ ...encoder, type_vocab_size: size.default(2) }),
  'xlm-roberta': z.object({ ...encoder, type_vocab_size: size.default(2) }),
  electra: z.object({
    ...encoder,
    type_vocab_size: size.default(2),
    embedding_size: size.default(128),
  }),
  albert: z.object({
    ...encoder,
    type_vocab_size: size.default(2),
    embedding_size: size.default(128),
    hidden_act: z.string().max(50).default('gelu_new'),
    num_hidden_groups: count.default(1),
    inner_group_num: count.default(1),
    hidden_dropout_prob: rate.default(0),
    attention_probs_dropout_prob: rate.default(0),
  }),
  distilbert: z.object({
    ...common,
    vocab_size: size,
    dim: size,
    n_layers: count,
    n_heads: count,
    hidden_dim: size,
    max_position_embeddings: size,
    dropout: rate.default(0.1),
    attention_dropout: rate.default(0.1),
    activation: z.string().max(50).default('gelu'),
    pad_token_id: id.nullish(),
  }),
  gpt2: z.object({
    ...common,
    vocab_size: size,
    n_embd: size,
    n_layer: count,
    n_head: count,
    n_inner: size.nullish(),
    n_positions: size,
    resid_pdrop: rate.default(0.1),
    embd_pdrop: rate.default(0.1),
    attn_pdrop: rate.default(0.1),
    activation_function: z.string().max(50).default('gelu_new'),
    layer_norm_epsilon: eps.default(1e-5),
    scale_attn_weights: z.boolean().default(true),
    scale_attn_by_inverse_layer_idx: z.boolean().default(false),
    pad_token_id: id.nullish(),
    eos_token_id: id.nullish(),
  }),
} as const;
