"""Optimizer states of tiny models as transformers' Trainer and torch.optim leave them, with what they hold.

    python tooling/reference/make_optimizer_states.py [--out packages/models/fixtures/optimizer-states]

Every case is a random masked or causal language model (hidden size 8, two layers), trained for STEPS steps on random
tokens and labels. The optimizer is transformers.Trainer's own where `groups` is "trainer": its create_optimizer() makes
the groups and chooses their order. Elsewhere it is torch.optim.AdamW on the groups that `groups` says. A case is made
only by the transformers version that it names, so the program is run twice, once with 4.57.3 and once with 5.24.0:
they order the parameters of RoBERTa, XLM-RoBERTa and DistilBERT differently.

Writes `<case>.pt` or `<case>.safetensors`, and one `<case>.json`:
- `config`: the model's config.json;
- `step`, `beta2`, `order`: names of all parameters in the optimizer's order (tied ones once, under their first name);
- `parameters`: name -> `shape`, `norm` = sqrt(sum v^2), `probe` = sum_i v_i cos(i), i the flat index, both computed in
  float64 from the model's parameters, not from the file; absent for a parameter that has no gradient.
Also sgd.pt, adafactor.pt and amsgrad.pt, without JSON, which a reader must refuse.

Made with Python 3.11, torch 2.15.0 (CPU), transformers 5.24.0 and 4.57.3, safetensors. Deterministic.
"""

import argparse
import json
import tempfile
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from transformers import (
    AlbertConfig,
    AlbertForMaskedLM,
    BertConfig,
    BertForMaskedLM,
    BertForPreTraining,
    DistilBertConfig,
    DistilBertForMaskedLM,
    ElectraConfig,
    ElectraForMaskedLM,
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    GPT2Config,
    GPT2LMHeadModel,
    Qwen3Config,
    Qwen3ForCausalLM,
    RobertaConfig,
    RobertaForMaskedLM,
    Trainer,
    TrainingArguments,
    XLMRobertaConfig,
    XLMRobertaForMaskedLM,
)

VOCABULARY = 31
STEPS = 3
encoder = dict(
    vocab_size=VOCABULARY,
    hidden_size=8,
    num_hidden_layers=2,
    num_attention_heads=2,
    intermediate_size=12,
    max_position_embeddings=20,
)
roberta = RobertaConfig(**encoder, type_vocab_size=1, pad_token_id=1)
bert = BertConfig(**encoder)
gpt2 = GPT2Config(
    vocab_size=VOCABULARY, n_embd=8, n_layer=2, n_head=2, n_positions=20, bos_token_id=30, eos_token_id=30
)
untied = dict(tie_word_embeddings=False)
distilbert = dict(vocab_size=VOCABULARY, dim=8, n_layers=2, n_heads=2, hidden_dim=12, max_position_embeddings=20)

# name -> (major version of transformers, class, configuration, groups, file format)
CASES = {
    "roberta": (5, RobertaForMaskedLM, roberta, "trainer", "zip"),
    "roberta-4": (4, RobertaForMaskedLM, roberta, "trainer", "legacy"),
    "roberta-untied": (5, RobertaForMaskedLM, RobertaConfig(**encoder, **untied, type_vocab_size=1), "trainer", "legacy"),
    "roberta-examples": (5, RobertaForMaskedLM, roberta, ("bias", "LayerNorm.weight"), "legacy"),
    "roberta-named": (5, RobertaForMaskedLM, roberta, "named", "zip"),
    "roberta-tensors": (5, RobertaForMaskedLM, roberta, "one", "safetensors"),
    "xlm-roberta": (5, XLMRobertaForMaskedLM, XLMRobertaConfig(**encoder, type_vocab_size=1), "trainer", "legacy"),
    "xlm-roberta-4": (4, XLMRobertaForMaskedLM, XLMRobertaConfig(**encoder, type_vocab_size=1), "trainer", "legacy"),
    "bert": (5, BertForMaskedLM, bert, "trainer", "zip"),
    "bert-pretraining": (5, BertForPreTraining, bert, "trainer", "legacy"),
    "bert-untied": (5, BertForMaskedLM, BertConfig(**encoder, **untied), "trainer", "legacy"),
    "bert-untied-4": (4, BertForMaskedLM, BertConfig(**encoder, **untied), "trainer", "legacy"),
    "gpt2": (5, GPT2LMHeadModel, gpt2, "trainer", "zip"),
    "gpt2-one-group": (4, GPT2LMHeadModel, gpt2, "one", "legacy"),
    "gpt2-numbers": (5, GPT2LMHeadModel, gpt2, "trainer", "safetensors-numbers"),
    "distilbert": (5, DistilBertForMaskedLM, DistilBertConfig(**distilbert), "trainer", "legacy"),
    "distilbert-sinusoidal-4": (
        4,
        DistilBertForMaskedLM,
        DistilBertConfig(**distilbert, sinusoidal_pos_embds=True),
        "trainer",
        "legacy",
    ),
    "albert": (
        5,
        AlbertForMaskedLM,
        AlbertConfig(**encoder, embedding_size=6, num_hidden_groups=2, inner_group_num=2),
        "trainer",
        "legacy",
    ),
    "electra": (5, ElectraForMaskedLM, ElectraConfig(**encoder, embedding_size=6), "trainer", "legacy"),
    "gemma3_text": (
        5,
        Gemma3ForCausalLM,
        Gemma3TextConfig(**encoder, num_key_value_heads=1, head_dim=4, pad_token_id=0, bos_token_id=2),
        "trainer",
        "legacy",
    ),
    "qwen3-biases": (
        5,
        Qwen3ForCausalLM,
        Qwen3Config(**encoder, num_key_value_heads=1, head_dim=4, attention_bias=True),
        ("bias",),
        "legacy",
    ),
}


def groups_of(model, rule):
    """Parameter groups for torch.optim.AdamW."""
    parameters = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    if rule == "one":
        return [p for _, p in parameters]
    if rule == "named":
        return parameters
    still = lambda name: any(part in name for part in rule)
    return [
        {"params": [p for name, p in parameters if not still(name)], "weight_decay": 0.01},
        {"params": [p for name, p in parameters if still(name)], "weight_decay": 0.0},
    ]


def optimizer_of(model, rule):
    if rule != "trainer":
        return torch.optim.AdamW(groups_of(model, rule), lr=1e-3, betas=(0.9, 0.98))
    with tempfile.TemporaryDirectory() as directory:
        arguments = TrainingArguments(
            output_dir=directory, weight_decay=0.01, adam_beta2=0.98, use_cpu=True, report_to=[]
        )
        return Trainer(model=model, args=arguments).create_optimizer()


def train(model, optimizer, generator):
    """STEPS steps, each on two sequences."""
    model.train()
    for _ in range(STEPS):
        ids = torch.randint(5, VOCABULARY - 1, (2, 9), generator=generator)
        labels = torch.randint(5, VOCABULARY - 1, (2, 9), generator=generator)
        more = {"next_sentence_label": torch.tensor([0, 1])} if isinstance(model, BertForPreTraining) else {}
        optimizer.zero_grad()
        model(input_ids=ids, labels=labels, **more).loss.backward()
        optimizer.step()


def save_tensors(state, names, path, numbers):
    """The state as safetensors: `<parameter>.exp_avg_sq`, or `state.<number>.exp_avg_sq` as torch flattens it."""
    tensors = {}
    for number, entry in state["state"].items():
        stem = f"state.{number}" if numbers else names[number]
        for field, tensor in entry.items():
            tensors[f"{stem}.{field}"] = tensor
    betas = json.dumps(state["param_groups"][0]["betas"])
    save_file(tensors, path, metadata={"format": "pt", "betas": betas})


def make(name, out):
    _, model_class, config, rule, form = CASES[name]
    torch.manual_seed(1 + list(CASES).index(name))
    model = model_class(config)
    optimizer = optimizer_of(model, rule)
    train(model, optimizer, torch.Generator().manual_seed(7))
    names = {p: n for n, p in model.named_parameters()}
    order = [names[p] for group in optimizer.param_groups for p in group["params"]]
    state = optimizer.state_dict()
    if form.startswith("safetensors"):
        save_tensors(state, order, out / f"{name}.safetensors", form.endswith("numbers"))
    else:
        torch.save(state, out / f"{name}.pt", _use_new_zipfile_serialization=form == "zip")

    parameters = {}
    for p, entry in optimizer.state.items():
        v = entry["exp_avg_sq"].double().flatten()
        probe = torch.cos(torch.arange(len(v), dtype=torch.float64))
        parameters[names[p]] = {
            "shape": list(p.shape),
            "norm": float(v.square().sum().sqrt()),
            "probe": float((v * probe).sum()),
        }
    stored = {
        "config": {**json.loads(config.to_json_string(use_diff=False)), "architectures": [model_class.__name__]},
        "step": STEPS,
        "beta2": 0.98,
        "order": order,
        "parameters": parameters,
    }
    (out / f"{name}.json").write_text(json.dumps(stored) + "\n")
    print(f"{name}: {len(order)} parameters, {len(parameters)} with a state")


def make_others(out):
    """States that have no v, or whose v is not the whole story."""
    optimizers = {
        "sgd": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9),
        "adafactor": lambda p: transformers.Adafactor(p, lr=0.01, relative_step=False),
        "amsgrad": lambda p: torch.optim.AdamW(p, amsgrad=True),
    }
    for name, optimizer_for in optimizers.items():
        torch.manual_seed(1)
        model = RobertaForMaskedLM(roberta)
        optimizer = optimizer_for(model.parameters())
        train(model, optimizer, torch.Generator().manual_seed(7))
        torch.save(optimizer.state_dict(), out / f"{name}.pt", _use_new_zipfile_serialization=False)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, default=Path("packages/models/fixtures/optimizer-states"))
    parser.add_argument("--only", choices=list(CASES), action="append")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    major = int(transformers.__version__.split(".")[0])
    for case_name, (version, *_) in CASES.items():
        if version == major and case_name in (arguments.only or CASES):
            make(case_name, arguments.out)
    if major == 5 and not arguments.only:
        make_others(arguments.out)
