"""Shared by the Python peers of the benchmarks (peer_*.py): model, inputs, measurement, output.

Every peer is a program of its own: it builds or loads a RoBERTa masked LM, reads or draws token ids, computes in
float32 on the CPU, and prints one JSON line. Versions of its packages stand in tooling/bench/requirements.txt.

Inputs (`--inputs FILE`): {"train": [{"ids": [0, …, 2], "position": 7}, …], "query": […], "labelWordIds": [6587, 372]}
where `position` is that of the mask token. Without a file they are drawn from `--seed`, and `--save-inputs FILE`
writes what was drawn, so that another program can be given the same.

Parameters: as in the paper authors' program, the language-model head's decoder is a parameter of its own, equal in
value to the word embeddings (`untied_model`). Evaluation mode, no dropout.
"""

import argparse
import json
import os
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import transformers
from torch import nn
from transformers import AutoConfig, GPTNeoXForCausalLM, RobertaConfig, RobertaForMaskedLM

MASK_ID, PAD_ID = 50264, 1

SIZES = {
    "base": dict(hidden_size=768, num_hidden_layers=12, num_attention_heads=12, intermediate_size=3072, vocab_size=50265),
    "tiny": dict(hidden_size=32, num_hidden_layers=3, num_attention_heads=4, intermediate_size=64, vocab_size=50265),
}


@dataclass(frozen=True)
class Example:
    ids: list[int]
    position: int


def parser(description: str) -> argparse.ArgumentParser:
    """Options that all peers share."""
    options = argparse.ArgumentParser(description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    options.add_argument("--model", type=Path, help="model directory (config.json, model.safetensors); else random weights")
    options.add_argument("--size", choices=sorted(SIZES), default="base", help="shape of the random model")
    options.add_argument("--inputs", type=Path, help="JSON file of token ids; else they are drawn")
    options.add_argument("--save-inputs", type=Path, help="write the token ids that were used, as JSON")
    options.add_argument("--n", type=int, default=8, help="training examples (at most, with --inputs)")
    options.add_argument("--m", type=int, default=16, help="queries (at most, with --inputs)")
    options.add_argument("--min-tokens", type=int, default=20, help="shortest drawn sequence")
    options.add_argument("--max-tokens", type=int, default=60, help="longest drawn sequence")
    options.add_argument("--threads", type=int, default=os.cpu_count(), help="threads of PyTorch")
    options.add_argument("--seed", type=int, default=0, help="of random weights and drawn inputs")
    return options


def kernel_parser(description: str, formulas: tuple[str, ...]) -> argparse.ArgumentParser:
    """Options that the kernel peers share."""
    options = parser(description)
    options.add_argument("--formula", choices=formulas, default=formulas[0])
    options.add_argument("--binary", action="store_true", help="one output, second minus first label word")
    options.add_argument("--save", type=Path, help="write the kernel [n, c, m, c'] as float64 .npy")
    options.add_argument("--key-bias-noise", action="store_true", help="keep attention key biases in sign kernels")
    return options


def prepare(options: argparse.Namespace) -> None:
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()


def load_model(options: argparse.Namespace, attention: str = "eager") -> RobertaForMaskedLM:
    """The masked LM in float32, evaluation mode, decoder tied to the word embeddings."""
    if options.model is None:
        config = RobertaConfig(
            max_position_embeddings=514, type_vocab_size=1, layer_norm_eps=1e-5, bos_token_id=0, pad_token_id=PAD_ID,
            eos_token_id=2, **SIZES[options.size],
        )
        config._attn_implementation = attention
        model = RobertaForMaskedLM(config)
    else:
        model = RobertaForMaskedLM.from_pretrained(
            options.model, dtype=torch.float32, attn_implementation=attention, local_files_only=True
        )
    return model.eval()


def untied_model(
    options: argparse.Namespace, attention: str = "eager"
) -> RobertaForMaskedLM | GPTNeoXForCausalLM:
    """`load_model` with the decoder's weight a parameter of its own, and its bias one with `lm_head.bias`; or GPT-NeoX."""
    if options.model is not None and AutoConfig.from_pretrained(options.model).model_type == "gpt_neox":
        return GPTNeoXForCausalLM.from_pretrained(options.model, dtype=torch.float32, local_files_only=True).eval()
    model = load_model(options, attention)
    decoder = model.lm_head.decoder
    decoder.weight = nn.Parameter(decoder.weight.detach().clone())
    decoder.bias = model.lm_head.bias
    return model


def load_inputs(options: argparse.Namespace, vocab_size: int) -> tuple[list[Example], list[Example], list[int]]:
    """Training examples, queries and label-word ids."""
    if options.inputs is not None:
        raw = json.loads(options.inputs.read_text())
    else:
        raw = draw_inputs(options, vocab_size)
    if options.save_inputs is not None:
        options.save_inputs.write_text(json.dumps(raw))

    def read(name: str, limit: int) -> list[Example]:
        examples = [Example(list(e["ids"]), int(e["position"])) for e in raw.get(name, [])[:limit]]
        for i, e in enumerate(examples):
            if not 0 <= e.position < len(e.ids):
                sys.exit(f"{name}[{i}]: position {e.position} is outside its {len(e.ids)} tokens")
            if min(e.ids) < 0 or max(e.ids) >= vocab_size:
                sys.exit(f"{name}[{i}]: a token id is outside the vocabulary of {vocab_size}")
        return examples

    return read("train", options.n), read("query", options.m), [int(i) for i in raw["labelWordIds"]]


def draw_inputs(options: argparse.Namespace, vocab_size: int) -> dict:
    rng = np.random.default_rng(options.seed)

    def draw(count: int) -> list[dict]:
        examples = []
        for length in rng.integers(options.min_tokens, options.max_tokens + 1, count):
            ids = rng.integers(5, vocab_size - 1, length)
            position = int(length) - 3
            ids[0], ids[-1], ids[position] = 0, 2, min(MASK_ID, vocab_size - 1)
            examples.append({"ids": ids.tolist(), "position": position})
        return examples

    return {"train": draw(options.n), "query": draw(options.m), "labelWordIds": [6587, 372]}


@dataclass(frozen=True)
class Batch:
    """Padded token ids [n, t], which of them are real [n, t], and mask positions [n]."""

    ids: torch.Tensor
    real: torch.Tensor
    position: torch.Tensor

    def additive_mask(self) -> torch.Tensor:
        """[n, 1, 1, t]: 0 where attention may look, the smallest float elsewhere."""
        return (~self.real)[:, None, None, :].to(torch.float32) * torch.finfo(torch.float32).min


def pad(examples: list[Example], length: int | None = None) -> Batch:
    length = length or max(len(e.ids) for e in examples)
    ids = torch.full((len(examples), length), PAD_ID)
    real = torch.zeros((len(examples), length), dtype=torch.bool)
    for i, e in enumerate(examples):
        ids[i, : len(e.ids)] = torch.tensor(e.ids)
        real[i, : len(e.ids)] = True
    return Batch(ids, real, torch.tensor([e.position for e in examples]))


class LabelWordLogits(nn.Module):
    """Logits of the label words at the mask, [n, c]; the head runs on the mask's row only."""

    def __init__(self, model: RobertaForMaskedLM, label_ids: list[int], binary: bool):
        super().__init__()
        if binary and len(label_ids) != 2:
            sys.exit(f"--binary needs 2 label words, found {len(label_ids)}")
        self.model = model
        self.register_buffer("label_ids", torch.tensor(label_ids))
        self.binary = binary

    def forward(self, ids: torch.Tensor, mask: torch.Tensor | None, position: torch.Tensor) -> torch.Tensor:
        hidden = self.model.roberta(ids, attention_mask=mask).last_hidden_state
        row = torch.gather(hidden, 1, position[:, None, None].expand(-1, 1, hidden.shape[-1]))[:, 0]
        logits = self.model.lm_head(row).index_select(1, self.label_ids)
        return logits[:, 1:] - logits[:, :1] if self.binary else logits


def without_key_bias(names: list[str]) -> list[str]:
    """Softmax ignores a shift of all keys' products: the true gradient of a key bias is 0, its sign is only noise."""
    return [name for name in names if not name.endswith("attention.self.key.bias")]


class Timer:
    def __enter__(self) -> "Timer":
        self.start = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self.start


def peak_rss_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def report(name: str, options: argparse.Namespace, seconds: float, **more: object) -> None:
    """The one line of output. Where `load_average` exceeds `threads`, others used the machine: measure again."""
    line = {
        "name": name,
        "seconds": round(seconds, 6),
        "peak_rss_mb": round(peak_rss_mb(), 1),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "threads": torch.get_num_threads(),
        "load_average": round(os.getloadavg()[0], 2),
        "model": str(options.model) if options.model is not None else f"random-{options.size}",
        "seed": options.seed,
        **more,
    }
    print(json.dumps(line), flush=True)


def save_kernel(path: Path | None, kernel: torch.Tensor) -> None:
    if path is not None:
        partial = path.with_name(path.name + ".partial.npy")
        np.save(partial, kernel.to(torch.float64).numpy())
        partial.replace(path)
