/** config.json of models whose shapes are measured, with random weights. */
export const shapes: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'llama-3.2-1b': {
    ...{ model_type: 'llama', architectures: ['LlamaForCausalLM'], dtype: 'bfloat16' },
    ...{ vocab_size: 128256, hidden_size: 2048, intermediate_size: 8192, num_hidden_layers: 16 },
    ...{ num_attention_heads: 32, num_key_value_heads: 8, head_dim: 64, hidden_act: 'silu' },
    ...{ max_position_embeddings: 131072, rms_norm_eps: 1e-5, rope_theta: 500000 },
    rope_scaling: {
      ...{ rope_type: 'llama3', factor: 32, low_freq_factor: 1, high_freq_factor: 4 },
      original_max_position_embeddings: 8192,
    },
    tie_word_embeddings: true,
  },
  'llama-2-7b': {
    ...{ model_type: 'llama', architectures: ['LlamaForCausalLM'], dtype: 'bfloat16' },
    ...{ vocab_size: 32000, hidden_size: 4096, intermediate_size: 11008, num_hidden_layers: 32 },
    ...{ num_attention_heads: 32, num_key_value_heads: 32, hidden_act: 'silu' },
    ...{ max_position_embeddings: 4096, rms_norm_eps: 1e-5, tie_word_embeddings: false },
  },
  'pythia-160m': {
    ...{ model_type: 'gpt_neox', architectures: ['GPTNeoXForCausalLM'], dtype: 'bfloat16' },
    ...{ vocab_size: 50304, hidden_size: 768, intermediate_size: 3072, num_hidden_layers: 12 },
    ...{ num_attention_heads: 12, rotary_pct: 0.25, rotary_emb_base: 10000, hidden_act: 'gelu' },
    ...{ max_position_embeddings: 2048, layer_norm_eps: 1e-5, use_parallel_residual: true },
    tie_word_embeddings: false,
  },
  'roberta-base': {
    ...{ model_type: 'roberta', architectures: ['RobertaForMaskedLM'], dtype: 'bfloat16' },
    ...{ vocab_size: 50265, hidden_size: 768, intermediate_size: 3072, num_hidden_layers: 12 },
    ...{ num_attention_heads: 12, hidden_act: 'gelu', max_position_embeddings: 514, type_vocab_size: 1 },
    ...{ layer_norm_eps: 1e-5, pad_token_id: 1, bos_token_id: 0, eos_token_id: 2 },
    tie_word_embeddings: true,
  },
  'width-32': {
    ...{ model_type: 'roberta', architectures: ['RobertaForMaskedLM'], dtype: 'bfloat16' },
    ...{ vocab_size: 2000, hidden_size: 32, intermediate_size: 128, num_hidden_layers: 2 },
    ...{ num_attention_heads: 2, hidden_act: 'gelu', max_position_embeddings: 34, type_vocab_size: 1 },
    ...{ layer_norm_eps: 1e-5, pad_token_id: 1, bos_token_id: 0, eos_token_id: 2 },
    tie_word_embeddings: true,
  },
  // As small as it gets: it shows that everything runs.
  tiny: {
    ...{ model_type: 'llama', architectures: ['LlamaForCausalLM'], dtype: 'bfloat16' },
    ...{ vocab_size: 1000, hidden_size: 64, intermediate_size: 128, num_hidden_layers: 3 },
    ...{ num_attention_heads: 4, num_key_value_heads: 2, hidden_act: 'silu' },
    ...{ max_position_embeddings: 128, rms_norm_eps: 1e-5, tie_word_embeddings: true },
  },
};
