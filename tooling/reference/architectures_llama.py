"""Cases of make_architectures.py: Llama and the architectures that follow it."""

from transformers import LlamaConfig, LlamaForCausalLM

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
}
