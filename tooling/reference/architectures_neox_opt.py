"""Cases of make_architectures.py: GPT-NeoX, OPT and GPT-Neo."""

import torch
from transformers import GPTNeoConfig, GPTNeoForCausalLM, OPTConfig, OPTForCausalLM

opt = dict(
    vocab_size=97,
    hidden_size=24,
    num_hidden_layers=2,
    num_attention_heads=3,
    ffn_dim=36,
    max_position_embeddings=40,
)
gpt_neo = dict(
    vocab_size=97,
    hidden_size=24,
    num_heads=3,
    max_position_embeddings=40,
    bos_token_id=96,
    eos_token_id=96,
)


def calmer(tensors, config):
    """
    Attention spreads over several keys, and GELU's derivative is nowhere near zero: float32 then sees the signs of
    float64. GPT-Neo's scores are not scaled.
    """
    scaled = config.model_type != "gpt_neo"
    for name, tensor in tensors.items():
        if name.endswith("q_proj.weight"):
            tensors[name] = tensor * (0.5 if scaled else 0.2)
        if name.endswith(("fc1.weight", "c_fc.weight")):
            tensors[name] = tensor * 0.6
    return tensors


def old_gpt_neo(tensors, config):
    """And with the buffers that the published checkpoints have."""
    n = config.max_position_embeddings
    for layer in range(config.num_layers):
        attention = f"transformer.h.{layer}.attn.attention"
        tensors[f"{attention}.bias"] = torch.tril(torch.ones(n, n, dtype=torch.uint8)).view(1, 1, n, n)
        tensors[f"{attention}.masked_bias"] = torch.tensor(-1e9)
    return calmer(tensors, config)


# name -> (class, configuration, what is done to the tensors before they are stored)
CASES = {
    "opt": (OPTForCausalLM, OPTConfig(**opt), None),
    # The order of norms and the narrow embeddings of the 350m model; all other switches differ from "opt" too.
    "opt-post": (
        OPTForCausalLM,
        OPTConfig(
            **opt,
            do_layer_norm_before=False,
            word_embed_proj_dim=14,
            enable_bias=False,
            layer_norm_elementwise_affine=False,
            activation_function="gelu",
            tie_word_embeddings=False,
        ),
        calmer,
    ),
    "opt-narrow": (
        OPTForCausalLM,
        OPTConfig(**opt, word_embed_proj_dim=10, layer_norm_elementwise_affine=False),
        None,
    ),
    "gpt_neo": (
        GPTNeoForCausalLM,
        GPTNeoConfig(**gpt_neo, num_layers=2, attention_types=[[["global", "local"], 1]], window_size=3),
        old_gpt_neo,
    ),
    "gpt_neo-local": (
        GPTNeoForCausalLM,
        GPTNeoConfig(
            **gpt_neo,
            num_layers=3,
            attention_types=[[["local"], 2], [["global"], 1]],
            window_size=5,
            intermediate_size=20,
            activation_function="relu",
            tie_word_embeddings=False,
        ),
        calmer,
    ),
}
