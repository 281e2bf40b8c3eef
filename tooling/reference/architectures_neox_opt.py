"""Cases of make_architectures.py: GPT-NeoX, OPT and GPT-Neo."""

import json

import torch
from transformers import (
    GPTNeoConfig,
    GPTNeoForCausalLM,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    OPTConfig,
    OPTForCausalLM,
)

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


gpt_neox = dict(
    vocab_size=97,
    hidden_size=24,
    num_attention_heads=3,
    intermediate_size=36,
    max_position_embeddings=40,
    bos_token_id=0,
    eos_token_id=0,
)


def calmer(tensors, directory):
    """
    Attention spreads over several keys, and GELU's derivative is nowhere near zero: float32 then sees the signs of
    float64. GPT-Neo's scores are not scaled.
    """
    scaled = json.loads((directory / "config.json").read_text())["model_type"] != "gpt_neo"
    for name, tensor in tensors.items():
        if name.endswith("q_proj.weight"):
            tensors[name] = tensor * (0.5 if scaled else 0.2)
        if name.endswith(("fc1.weight", "c_fc.weight", "dense_h_to_4h.weight")):
            tensors[name] = tensor * 0.6
    return tensors


def with_masks(tensors, attentions):
    """With the buffers that published checkpoints have."""
    for attention in attentions:
        tensors[f"{attention}.bias"] = torch.tril(torch.ones(40, 40, dtype=torch.uint8)).view(1, 1, 40, 40)
        tensors[f"{attention}.masked_bias"] = torch.tensor(-1e9)
    return tensors


def old_gpt_neo(tensors, directory):
    return with_masks(calmer(tensors, directory), [f"transformer.h.{i}.attn.attention" for i in range(2)])


def old_gpt_neox(tensors, directory):
    """Pythia as it is published: with buffers, and config.json as transformers 4 writes it."""
    attentions = [f"gpt_neox.layers.{i}.attention" for i in range(2)]
    path = directory / "config.json"
    config = json.loads(path.read_text())
    rope = config.pop("rope_parameters")
    config["rotary_pct"] = rope["partial_rotary_factor"]
    config["rotary_emb_base"] = rope["rope_theta"]
    config["torch_dtype"] = config.pop("dtype")
    path.write_text(json.dumps(config, indent=2) + "\n")
    for attention in attentions:
        tensors[f"{attention}.rotary_emb.inv_freq"] = torch.ones(1)
    return with_masks(calmer(tensors, directory), attentions)


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
    "gpt_neox": (GPTNeoXForCausalLM, GPTNeoXConfig(**gpt_neox, num_hidden_layers=2), old_gpt_neox),
    "gpt_neox-sequential": (
        GPTNeoXForCausalLM,
        GPTNeoXConfig(
            **gpt_neox,
            num_hidden_layers=3,
            use_parallel_residual=False,
            attention_bias=False,
            hidden_act="relu",
            tie_word_embeddings=True,
            rope_parameters=dict(rope_type="linear", factor=2.0, rope_theta=500.0, partial_rotary_factor=0.5),
        ),
        calmer,
    ),
    "gpt_neox-turned": (
        GPTNeoXForCausalLM,
        GPTNeoXConfig(
            **gpt_neox | dict(num_attention_heads=2),
            num_hidden_layers=1,
            hidden_act="gelu_new",
            rope_parameters=dict(rope_type="default", rope_theta=100.0, partial_rotary_factor=1.0),
        ),
        calmer,
    ),
}
