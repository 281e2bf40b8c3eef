"""Cases of make_architectures.py: Llama and the architectures that follow it."""

from transformers import (
    Gemma2Config,
    Gemma2ForCausalLM,
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    Olmo2Config,
    Olmo2ForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

decoder = dict(
    vocab_size=97,
    hidden_size=24,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    intermediate_size=28,
    max_position_embeddings=40,
    bos_token_id=1,
    eos_token_id=2,
)

# name -> (class, configuration, what is done to the tensors before they are stored)
CASES = {
    "llama": (
        LlamaForCausalLM,
        LlamaConfig(
            **decoder,
            rope_parameters=dict(
                rope_type="llama3",
                rope_theta=1_000.0,
                factor=4.0,
                low_freq_factor=1.0,
                high_freq_factor=4.0,
                original_max_position_embeddings=16,
            ),
        ),
        None,
    ),
    "llama-biased": (
        LlamaForCausalLM,
        LlamaConfig(
            **decoder | dict(num_attention_heads=3, num_key_value_heads=3, head_dim=12, num_hidden_layers=3),
            attention_bias=True,
            mlp_bias=True,
            hidden_act="relu",
            rms_norm_eps=1e-5,
            tie_word_embeddings=True,
            rope_parameters=dict(
                rope_type="yarn", rope_theta=500.0, factor=4.0, original_max_position_embeddings=10, beta_fast=4.0
            ),
        ),
        "transformers 4",
    ),
    "llama-linear": (
        LlamaForCausalLM,
        LlamaConfig(
            **decoder | dict(num_key_value_heads=1),
            rope_parameters=dict(rope_type="linear", rope_theta=100.0, factor=2.5),
        ),
        "transformers 4",
    ),
    "llama-shards": (
        LlamaForCausalLM,
        LlamaConfig(**decoder | dict(hidden_size=16, head_dim=6), attention_bias=True),
        "bf16 shards",
    ),
    "mistral": (
        MistralForCausalLM,
        MistralConfig(**decoder, sliding_window=4),
        None,
    ),
    "mistral-whole": (
        MistralForCausalLM,
        MistralConfig(
            **decoder | dict(num_key_value_heads=1, head_dim=10),
            sliding_window=None,
            hidden_act="gelu_new",
            tie_word_embeddings=True,
            rope_parameters=dict(rope_type="dynamic", rope_theta=200.0, factor=2.0),
        ),
        "transformers 4",
    ),
    "qwen2": (
        Qwen2ForCausalLM,
        Qwen2Config(**decoder, tie_word_embeddings=True, rope_parameters=dict(rope_type="default", rope_theta=50.0)),
        None,
    ),
    "qwen2-windows": (
        Qwen2ForCausalLM,
        Qwen2Config(
            **decoder | dict(num_attention_heads=3, num_key_value_heads=3, num_hidden_layers=3),
            use_sliding_window=True,
            sliding_window=3,
            max_window_layers=1,
            hidden_act="relu",
            rope_parameters=dict(
                rope_type="yarn",
                rope_theta=300.0,
                factor=4.0,
                original_max_position_embeddings=8,
                beta_fast=8.0,
                beta_slow=2.0,
                truncate=False,
            ),
        ),
        "transformers 4",
    ),
    "qwen3": (
        Qwen3ForCausalLM,
        Qwen3Config(**decoder, head_dim=8, tie_word_embeddings=True),
        None,
    ),
    "qwen3-shards": (
        Qwen3ForCausalLM,
        Qwen3Config(**decoder | dict(hidden_size=20), head_dim=6, tie_word_embeddings=True),
        "bf16 shards",
    ),
    "qwen3-windows": (
        Qwen3ForCausalLM,
        Qwen3Config(
            **decoder | dict(num_key_value_heads=4),
            head_dim=4,
            attention_bias=True,
            use_sliding_window=True,
            sliding_window=4,
            layer_types=["sliding_attention", "full_attention"],
            rms_norm_eps=1e-4,
            rope_parameters=dict(rope_type="linear", rope_theta=80.0, factor=3.0),
        ),
        None,
    ),
    "olmo2": (
        Olmo2ForCausalLM,
        Olmo2Config(**decoder, pad_token_id=1),
        None,
    ),
    "olmo2-biased": (
        Olmo2ForCausalLM,
        Olmo2Config(
            **decoder | dict(num_key_value_heads=4, num_hidden_layers=3),
            pad_token_id=0,
            attention_bias=True,
            tie_word_embeddings=True,
            rms_norm_eps=1e-6,
            hidden_act="relu",
            rope_parameters=dict(
                rope_type="yarn",
                rope_theta=400.0,
                factor=2.0,
                attention_factor=1.25,
                original_max_position_embeddings=12,
            ),
        ),
        "transformers 4",
    ),
    "gemma2": (
        Gemma2ForCausalLM,
        Gemma2Config(
            **decoder | dict(num_hidden_layers=3),
            head_dim=8,
            query_pre_attn_scalar=6,
            sliding_window=4,
            attn_logit_softcapping=1.5,
            final_logit_softcapping=3.0,
            rope_parameters=dict(rope_type="default", rope_theta=100.0),
        ),
        "transformers 4",
    ),
    "gemma2-uncapped": (
        Gemma2ForCausalLM,
        Gemma2Config(
            **decoder | dict(num_key_value_heads=1),
            head_dim=6,
            query_pre_attn_scalar=10,
            sliding_window=3,
            layer_types=["full_attention", "sliding_attention"],
            attn_logit_softcapping=None,
            final_logit_softcapping=None,
            attention_bias=True,
            hidden_activation="silu",
            tie_word_embeddings=False,
            rope_parameters=dict(rope_type="linear", rope_theta=100.0, factor=2.0),
        ),
        None,
    ),
    "gemma3_text": (
        Gemma3ForCausalLM,
        Gemma3TextConfig(
            **decoder | dict(num_hidden_layers=3),
            head_dim=8,
            query_pre_attn_scalar=6,
            sliding_window=4,
            layer_types=["sliding_attention", "full_attention", "sliding_attention"],
            rope_parameters=dict(
                full_attention=dict(rope_type="linear", rope_theta=1_000.0, factor=8.0),
                sliding_attention=dict(rope_type="default", rope_theta=20.0),
            ),
        ),
        None,
    ),
    "gemma3_text-capped": (
        Gemma3ForCausalLM,
        Gemma3TextConfig(
            **decoder | dict(num_key_value_heads=4),
            head_dim=6,
            query_pre_attn_scalar=4,
            sliding_window=5,
            sliding_window_pattern=2,
            final_logit_softcapping=4.0,
            attention_bias=True,
            tie_word_embeddings=False,
            rope_parameters=dict(
                full_attention=dict(rope_type="linear", rope_theta=500.0, factor=2.0),
                sliding_attention=dict(rope_type="default", rope_theta=30.0),
            ),
        ),
        "transformers 4",
    ),
}
