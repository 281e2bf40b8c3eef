"""Writes a RoBERTa-shaped masked LM with random weights: config.json and model.safetensors (float32, decoder tied).

    python make_roberta_base_random.py OUT [--size base|tiny] [--seed 0]

For benchmarks that need a real model's shape and no real model. All weights and biases are drawn from N(0, 0.02²),
LayerNorm weights are 1; the generator is NumPy's PCG64, tensors in the order of the file's names, so that a seed gives
the same bytes everywhere. No tokenizer is written. Needs numpy and safetensors (seen with 2.4 and 0.8).
"""

import argparse
import json
import os
import tempfile
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

SIZES = {
    "base": dict(hidden_size=768, num_hidden_layers=12, num_attention_heads=12, intermediate_size=3072),
    "tiny": dict(hidden_size=32, num_hidden_layers=3, num_attention_heads=4, intermediate_size=64),
}


def make_config(size: str) -> dict:
    return {
        "architectures": ["RobertaForMaskedLM"],
        "attention_probs_dropout_prob": 0.1,
        "bos_token_id": 0,
        "eos_token_id": 2,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "initializer_range": 0.02,
        "layer_norm_eps": 1e-05,
        "max_position_embeddings": 514,
        "model_type": "roberta",
        "pad_token_id": 1,
        "tie_word_embeddings": True,
        "type_vocab_size": 1,
        "vocab_size": 50265,
        **SIZES[size],
    }


def shapes(config: dict) -> dict[str, tuple[int, ...]]:
    d, inner = config["hidden_size"], config["intermediate_size"]
    result: dict[str, tuple[int, ...]] = {}

    def linear(name: str, width_in: int, width_out: int) -> None:
        result[f"{name}.weight"] = (width_out, width_in)
        result[f"{name}.bias"] = (width_out,)

    def layer_norm(name: str) -> None:
        result[f"{name}.weight"] = (d,)
        result[f"{name}.bias"] = (d,)

    embeddings = "roberta.embeddings"
    result[f"{embeddings}.word_embeddings.weight"] = (config["vocab_size"], d)
    result[f"{embeddings}.position_embeddings.weight"] = (config["max_position_embeddings"], d)
    result[f"{embeddings}.token_type_embeddings.weight"] = (config["type_vocab_size"], d)
    layer_norm(f"{embeddings}.LayerNorm")
    for i in range(config["num_hidden_layers"]):
        layer = f"roberta.encoder.layer.{i}"
        for part in ("query", "key", "value"):
            linear(f"{layer}.attention.self.{part}", d, d)
        linear(f"{layer}.attention.output.dense", d, d)
        layer_norm(f"{layer}.attention.output.LayerNorm")
        linear(f"{layer}.intermediate.dense", d, inner)
        linear(f"{layer}.output.dense", inner, d)
        layer_norm(f"{layer}.output.LayerNorm")
    linear("lm_head.dense", d, d)
    layer_norm("lm_head.layer_norm")
    result["lm_head.bias"] = (config["vocab_size"],)
    return result


def is_layer_norm_weight(name: str) -> bool:
    return name.lower().replace("_", "").endswith("layernorm.weight")


def make_weights(config: dict, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        name: np.ones(shape, np.float32)
        if is_layer_norm_weight(name)
        else rng.standard_normal(shape, dtype=np.float32) * np.float32(0.02)
        for name, shape in sorted(shapes(config).items())
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("out", type=Path)
    options.add_argument("--size", choices=sorted(SIZES), default="base")
    options.add_argument("--seed", type=int, default=0)
    args = options.parse_args()

    config = make_config(args.size)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=args.out.name + ".tmp-", dir=args.out.parent))
    partial.chmod(0o755)
    (partial / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    save_file(make_weights(config, args.seed), partial / "model.safetensors", metadata={"format": "pt"})
    try:
        os.rename(partial, args.out)
    except OSError:
        for file in partial.iterdir():
            file.unlink()
        partial.rmdir()
        raise SystemExit(f"{args.out} exists and is not empty; remove it first") from None
    print(json.dumps({"out": str(args.out), "size": args.size, "seed": args.seed, "bytes": (args.out / "model.safetensors").stat().st_size}))


if __name__ == "__main__":
    main()
