"""Optimizer steps of PyTorch on the tiny models of make_architectures.py: what fine-tuning must equal.

    python tooling/reference/make_training_steps.py [--out packages/subspace/fixtures/training]

The loss is the mean cross-entropy of the label words' logits at the mask (LM-BFF) over all four examples of a case,
padded to one length, every step the same batch; dropout off; float64, starting from the stored float32 weights; the
decoder tied as transformers ties it. Labels are 0, 2, 1, 0. Optimizers are torch.optim's; SignGD is
p -= lr * sign(g) after torch.nn.utils.clip_grad_norm_(1.0). Where `clip` is given, gradients are clipped to it.

LoRA is PEFT's (r = 4, alpha = 8) on query and value, with A[i, j] = cos(0.7 i + 1.3 j + 0.11 k) / sqrt(in) and
B[i, j] = 0.02 sin(0.9 i + 0.5 j + 0.13 k) for the k-th target module, so that both factors have gradients.
BitFit trains what has "bias" in its name.

Writes steps.json: cases with `model`, `space`, `optimizer`, `lr`, `clip`, `losses` (before each step, and after the last)
and `tensors`: name -> stored key; and steps.safetensors: for each case, after 1 and 10 steps, `<case> <steps> <name>`:
how much the parameter has moved, float32. Attention key biases, whose gradient is zero, are left out.

Made with torch 2.13.0 (CPU), transformers 5.18.0, peft 0.21, safetensors 0.8.0. Deterministic.
"""

import argparse
import json
from pathlib import Path

import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM

MODELS = Path("packages/models/fixtures/architectures")
LABELS = torch.tensor([0, 2, 1, 0])

SGD = dict(optimizer="sgd", lr=0.02)
MOMENTUM = dict(optimizer="sgd", lr=0.01, momentum=0.9, weight_decay=0.01, clip=1.0)
ADAM = dict(optimizer="adam", lr=1e-3)
ADAMW = dict(optimizer="adamw", lr=1e-3, weight_decay=0.1, clip=1.0)
SIGNGD = dict(optimizer="signgd", lr=1e-3, clip=1.0)

CASES = {
    "full-sgd": dict(model="roberta", space="full", **SGD),
    "full-adam": dict(model="roberta", space="full", **ADAM),
    "full-signgd": dict(model="roberta", space="full", **SIGNGD),
    "lora-sgd": dict(model="roberta", space="lora", **SGD),
    "lora-adam": dict(model="roberta", space="lora", **ADAM),
    "lora-signgd": dict(model="roberta", space="lora", **SIGNGD),
    "bitfit-sgd": dict(model="roberta", space="bitfit", **SGD),
    "bitfit-adam": dict(model="roberta", space="bitfit", **ADAM),
    "bitfit-signgd": dict(model="roberta", space="bitfit", **SIGNGD),
    "momentum": dict(model="distilbert-relu", space="full", **MOMENTUM),
    "adamw": dict(model="distilbert-relu", space="full", **ADAMW),
    "albert-adam": dict(model="albert", space="full", **ADAM),
    "gpt2-adam": dict(model="gpt2", space="full", **ADAM),
}


def load(directory: Path, causal: bool) -> torch.nn.Module:
    kind = AutoModelForCausalLM if causal else AutoModelForMaskedLM
    return kind.from_pretrained(directory, dtype=torch.float64, attn_implementation="eager").eval()


def add_lora(model: torch.nn.Module) -> torch.nn.Module:
    config = LoraConfig(r=4, lora_alpha=8, target_modules=["query", "value"], lora_dropout=0.0)
    model = get_peft_model(model, config).base_model.model
    k = 0
    for name, parameter in model.named_parameters():
        if "lora_" not in name:
            continue
        i, j = torch.meshgrid(*(torch.arange(n, dtype=torch.float64) for n in parameter.shape), indexing="ij")
        if "lora_A" in name:
            value = torch.cos(0.7 * i + 1.3 * j + 0.11 * k) / parameter.shape[1] ** 0.5
        else:
            value = 0.02 * torch.sin(0.9 * i + 0.5 * j + 0.13 * k)
            k += 1
        parameter.data = value.to(torch.float32).to(torch.float64)
    return model


def run(case: dict) -> tuple[list[float], dict[int, dict[str, torch.Tensor]]]:
    directory = MODELS / case["model"]
    causal = case["model"].startswith("gpt2")
    stored = json.loads((directory / "case.json").read_text())
    examples = stored["examples"]
    if causal:
        examples = [dict(inputIds=e["inputIds"][: e["position"]], position=e["position"] - 1) for e in examples]
    length = max(len(e["inputIds"]) for e in examples)
    model = load(directory, causal)
    pad = model.config.pad_token_id or 0
    ids = torch.tensor([e["inputIds"] + [pad] * (length - len(e["inputIds"])) for e in examples])
    real = torch.tensor([[1] * len(e["inputIds"]) + [0] * (length - len(e["inputIds"])) for e in examples])
    types = torch.zeros_like(ids)
    for row, e in enumerate(examples):
        for t, kind in enumerate(e.get("tokenTypeIds", [])):
            types[row, t] = kind
    extra = {} if causal or "distilbert" in case["model"] else dict(token_type_ids=types)
    position = torch.tensor([e["position"] for e in examples])
    words = torch.tensor(stored["labelWordIds"])

    if case["space"] == "lora":
        model = add_lora(model)
    if case["space"] == "bitfit":
        for name, parameter in model.named_parameters():
            parameter.requires_grad = "bias" in name
    named = {name: p for name, p in model.named_parameters() if p.requires_grad}
    start = {name: p.detach().clone() for name, p in named.items()}
    lr, decay, clip = case["lr"], case.get("weight_decay", 0.0), case.get("clip")
    optimizer = {
        "sgd": lambda: torch.optim.SGD(named.values(), lr=lr, momentum=case.get("momentum", 0.0), weight_decay=decay),
        "adam": lambda: torch.optim.Adam(named.values(), lr=lr, weight_decay=decay),
        "adamw": lambda: torch.optim.AdamW(named.values(), lr=lr, weight_decay=decay),
        "signgd": lambda: None,
    }[case["optimizer"]]()

    def loss_of() -> torch.Tensor:
        logits = model(input_ids=ids, attention_mask=real, **extra).logits
        return F.cross_entropy(logits[torch.arange(len(ids)), position][:, words], LABELS)

    losses, moved = [], {}
    for step in range(1, 11):
        for parameter in named.values():
            parameter.grad = None
        loss = loss_of()
        loss.backward()
        losses.append(loss.item())
        if clip is not None:
            torch.nn.utils.clip_grad_norm_(named.values(), clip)
        if optimizer is not None:
            optimizer.step()
        else:
            with torch.no_grad():
                for parameter in named.values():
                    if parameter.grad is not None:
                        parameter -= lr * parameter.grad.sign()
        if step in (1, 10):
            moved[step] = {n: (p.detach() - start[n]) for n, p in named.items()}
    losses.append(loss_of().item())
    return losses, moved


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--out", type=Path, default=Path("packages/subspace/fixtures/training"))
    args = options.parse_args()
    torch.manual_seed(0)
    tensors, cases = {}, {}
    for name, case in CASES.items():
        losses, moved = run(case)
        keys = {}
        for steps, deltas in moved.items():
            # Where several parameters are trained with the same rule, one of the two snapshots is enough.
            if steps == 1 and name in ("momentum", "adamw", "albert-adam", "gpt2-adam"):
                continue
            for parameter, delta in deltas.items():
                if ".key.bias" in parameter or ".k_lin.bias" in parameter:
                    continue
                key = f"{name} {steps} {parameter}"
                tensors[key] = delta.to(torch.float32).contiguous()
                keys.setdefault(str(steps), []).append(parameter)
        cases[name] = {**case, "losses": losses, "moved": keys}
    args.out.mkdir(parents=True, exist_ok=True)
    save_file(tensors, args.out / "steps.safetensors")
    (args.out / "steps.json").write_text(json.dumps(cases, indent=1) + "\n")


if __name__ == "__main__":
    main()
