"""Adapters of tiny models, written by Hugging Face PEFT, with their logits and kernels.

    python tooling/reference/make_subspace_oracle.py [--models packages/models/fixtures/architectures]
                                                     [--out packages/subspace/fixtures/adapters]

Writes one directory per case: `adapter_config.json` and `adapter_model.safetensors` as PEFT saves them (random
values, float32), and `case.json`:
- `model`: the tiny model, a directory of --models;
- `examples`, `labelWordIds`: those of the model's own case.json (for causal models cut before the mask);
- `logits` [n, C], float64, of the model with the adapter;
- `kernels`: `sgd` and `signgd` [n, C, n, C] over the adapter's parameters, from float64 gradients;
- `nearZero`: gradient coordinates whose sign float32 may see differently.

PEFT has no prefix tuning of encoders: `roberta-prefix` and `roberta-prefix-mlp` run transformers' RoBERTa with
an attention function that puts the prefix before keys and values; positions stay. The former is stored as PEFT
stores prefixes; the latter's parameters are in `point.safetensors` under this project's names.

Made with Python 3.11, torch 2.13.0 (CPU), transformers 5.18.0, peft 0.21.0, safetensors 0.8.0. Deterministic.
"""

import argparse
import json
import shutil
from pathlib import Path

import torch
from make_architectures import is_causal, keep_float64
from peft import IA3Config, LoraConfig, PrefixTuningConfig, PromptTuningConfig, get_peft_model
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForMaskedLM
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

TOKENS = 5
MLP = 7


def causal(models: Path, name: str):
    return is_causal(AutoConfig.from_pretrained(models / name))


def load(models: Path, name: str):
    kind = AutoModelForCausalLM if causal(models, name) else AutoModelForMaskedLM
    return kind.from_pretrained(models / name, attn_implementation="eager").double().eval()


def examples_of(models: Path, name: str):
    case = json.loads((models / name / "case.json").read_text())
    cut = causal(models, name)
    examples = []
    for e in case["examples"]:
        ids, position = e["inputIds"], e["position"]
        if cut:
            ids, position = ids[:position], position - 1
        examples.append({"inputIds": ids, "position": position})
    return examples, case["labelWordIds"]


def kernels(forward, parameters, examples, labels):
    """Logits and kernels of `forward(ids) -> [T', V]`, whose last T rows are those of the T tokens."""
    logits, rows = [], []
    for e in examples:
        ids = torch.tensor([e["inputIds"]])
        out = forward(ids)[0, e["position"] - len(e["inputIds"])]
        logits.append(out[labels].tolist())
        for label in labels:
            grads = torch.autograd.grad(out[label], parameters, retain_graph=True, allow_unused=True)
            rows.append(
                torch.cat([(torch.zeros_like(p) if g is None else g).flatten() for p, g in zip(parameters, grads)])
            )
    g = torch.stack(rows)
    n, c = len(examples), len(labels)
    near = ((g != 0) & (g.abs() < 1e-7 * g.abs().max())).sum().item()
    flat = lambda k: {"shape": [n, c, n, c], "data": [float(f"{x:.12g}") for x in k.flatten().tolist()]}
    return {
        "logits": {"shape": [n, c], "data": sum(logits, [])},
        "kernels": {"sgd": flat(g @ g.T), "signgd": flat(g.sign() @ g.sign().T)},
        "nearZero": near,
    }


def randomize(parameters, generator, around=0.0):
    for p in parameters:
        noise = 0.3 * torch.randn(p.shape, generator=generator, dtype=torch.float64) + around
        p.data.copy_(noise.float().double())


def write(out: Path, name: str, model_name: str, examples, labels, result):
    case = {"model": model_name, "examples": examples, "labelWordIds": labels, **result}
    (out / name / "case.json").write_text(json.dumps(case) + "\n")


def peft_case(models, out, name, model_name, config, around=0.0):
    generator = torch.Generator().manual_seed(sum(map(ord, name)))
    base = load(models, model_name)
    model = get_peft_model(base, config).double().eval()
    parameters = [p for p in model.parameters() if p.requires_grad]
    randomize(parameters, generator, around)
    examples, labels = examples_of(models, model_name)

    def forward(ids):
        return model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits

    result = kernels(forward, parameters, examples, labels)
    model.float().save_pretrained(out / name)
    (out / name / "README.md").unlink(missing_ok=True)
    path = out / name / "adapter_config.json"
    stored = json.loads(path.read_text())
    stored["base_model_name_or_path"] = model_name
    path.write_text(json.dumps(stored, indent=2, sort_keys=True) + "\n")
    write(out, name, model_name, examples, labels, result)


def with_prefix(base, prefix):
    """Runs an encoder whose attention in layer l also sees prefix()[l] = (keys, values), each [tokens, d]."""

    def attend(module, query, key, value, attention_mask, scaling, dropout=0.0, **kwargs):
        heads, width = query.shape[1], query.shape[3]
        parts = [p.view(-1, heads, width).transpose(0, 1)[None] for p in attend.now[module.layer_idx]]
        key, value = torch.cat([parts[0], key], 2), torch.cat([parts[1], value], 2)
        weights = torch.softmax(query @ key.transpose(2, 3) * scaling, dim=-1)
        return (weights @ value).transpose(1, 2), weights

    ALL_ATTENTION_FUNCTIONS.register("prefix_oracle", attend)
    base.config._attn_implementation = "prefix_oracle"

    def forward(ids):
        attend.now = prefix()
        return base(input_ids=ids).logits

    return forward


def roberta_prefix(models, out):
    name, model_name = "roberta-prefix", "roberta"
    base = load(models, model_name)
    d, layers = base.config.hidden_size, base.config.num_hidden_layers
    table = torch.zeros(TOKENS, 2 * layers * d, dtype=torch.float64, requires_grad=True)
    randomize([table], torch.Generator().manual_seed(5))
    forward = with_prefix(base, lambda: list(zip(*[iter(table.split(d, dim=1))] * 2)))
    examples, labels = examples_of(models, model_name)
    result = kernels(forward, [table], examples, labels)
    (out / name).mkdir()
    save_file({"prompt_embeddings": table.detach().float()}, out / name / "adapter_model.safetensors")
    config = {
        "base_model_name_or_path": model_name,
        "encoder_hidden_size": d,
        "inference_mode": True,
        "num_attention_heads": base.config.num_attention_heads,
        "num_layers": layers,
        "num_transformer_submodules": 1,
        "num_virtual_tokens": TOKENS,
        "peft_type": "PREFIX_TUNING",
        "prefix_projection": False,
        "task_type": None,
        "token_dim": d,
    }
    (out / name / "adapter_config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    write(out, name, model_name, examples, labels, result)


def roberta_prefix_mlp(models, out):
    name, model_name = "roberta-prefix-mlp", "roberta"
    base = load(models, model_name)
    d, layers = base.config.hidden_size, base.config.num_hidden_layers
    shapes = {
        "prefix.embedding": (TOKENS, d),
        "prefix.mlp.0.weight": (MLP, d),
        "prefix.mlp.0.bias": (MLP,),
        "prefix.mlp.2.weight": (2 * layers * d, MLP),
        "prefix.mlp.2.bias": (2 * layers * d,),
    }
    p = {k: torch.zeros(s, dtype=torch.float64, requires_grad=True) for k, s in shapes.items()}
    randomize(p.values(), torch.Generator().manual_seed(6))

    def prefix():
        inner = torch.tanh(p["prefix.embedding"] @ p["prefix.mlp.0.weight"].T + p["prefix.mlp.0.bias"])
        table = inner @ p["prefix.mlp.2.weight"].T + p["prefix.mlp.2.bias"]
        return list(zip(*[iter(table.split(d, dim=1))] * 2))

    forward = with_prefix(base, prefix)
    examples, labels = examples_of(models, model_name)
    result = kernels(forward, list(p.values()), examples, labels)
    (out / name).mkdir()
    save_file({k: v.detach().float() for k, v in p.items()}, out / name / "point.safetensors")
    write(out, name, model_name, examples, labels, result)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", type=Path, default=Path("packages/models/fixtures/architectures"))
    parser.add_argument("--out", type=Path, default=Path("packages/subspace/fixtures/adapters"))
    parser.add_argument("--only", action="append", help="cases; all others stay as they are")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    wanted = lambda name: not args.only or name in args.only
    for directory in args.out.iterdir():
        if wanted(directory.name):
            shutil.rmtree(directory)
    keep_float64()
    torch.manual_seed(0)
    lora = lambda **kw: LoraConfig(r=3, lora_alpha=5, **kw)
    feature = dict(task_type="FEATURE_EXTRACTION")
    one = lambda name, *a, **kw: wanted(name) and peft_case(args.models, args.out, name, *a, **kw)
    one("roberta-lora", "roberta", lora(target_modules=["query", "value", "output.dense"]))
    one("roberta-rslora", "roberta", lora(target_modules=["key", "lm_head.dense"], use_rslora=True))
    one("albert-lora", "albert", lora(target_modules=["query", "value"]))
    one("gpt2-lora", "gpt2", lora(target_modules=["c_attn", "mlp.c_fc"], fan_in_fan_out=True))
    one("roberta-ia3", "roberta", IA3Config(), around=1.0)
    one("gpt2-ia3", "gpt2", IA3Config(), around=1.0)
    # Contents and distances share the module.
    one("deberta-lora", "deberta-v2", lora(target_modules=["query_proj", "key_proj", "value_proj"]))
    one("deberta-ia3", "deberta-v2", IA3Config(), around=1.0)
    one("modernbert-lora", "modernbert", lora(target_modules=["Wqkv", "Wi", "mlp.Wo"]))
    one("roberta-prompt", "roberta", PromptTuningConfig(num_virtual_tokens=TOKENS, **feature))
    one("gpt2-prompt", "gpt2", PromptTuningConfig(num_virtual_tokens=TOKENS, **feature))
    one("gpt2-prefix", "gpt2", PrefixTuningConfig(num_virtual_tokens=TOKENS, **feature))
    one("llama-lora", "llama", LoraConfig(r=3, lora_alpha=5))
    one("gemma2-lora", "gemma2", lora(target_modules=["q_proj", "k_proj", "gate_proj", "down_proj"]))
    one("llama-ia3", "llama-biased", IA3Config(), around=1.0)
    one("qwen3-ia3", "qwen3", IA3Config(), around=1.0)
    one("llama-prompt", "llama", PromptTuningConfig(num_virtual_tokens=TOKENS, **feature))
    one("llama-prefix", "llama", PrefixTuningConfig(num_virtual_tokens=TOKENS, **feature))
    one("qwen3-prefix", "qwen3", PrefixTuningConfig(num_virtual_tokens=TOKENS, **feature))
    if wanted("roberta-prefix"):
        roberta_prefix(args.models, args.out)
    if wanted("roberta-prefix-mlp"):
        roberta_prefix_mlp(args.models, args.out)


if __name__ == "__main__":
    main()
