"""Tiny random models of every supported architecture, with what transformers computes for them.

    python tooling/reference/make_architectures.py [--out packages/models/fixtures/architectures]

Writes one Hugging Face directory per case (config.json, model.safetensors) and its case.json:
- `examples`: inputIds, position of the mask, tokenTypeIds where the model has segments; lengths differ;
- `labelWordIds`;
- `logits` [n, C]: transformers' logits at the mask of the model *as loaded from the directory*, computed in
  float64, in one padded batch. For causal models the ids are cut before the mask and its last token is read;
- `kernels`, each [n, C, n, C] in C order, from per-example float64 gradients of all parameters. As in the
  reference, the decoder is a parameter of its own, apart from the word embeddings:
  `sgd` <g, g'>, `signgd` <sign g, sign g'>, `a-signgd` <sign g, g'>. In the sign kernels attention key biases,
  whose gradient is zero, count as zero;
- `nearZero`: how many gradient coordinates, key biases aside, are not zero but below 1e-7 of the largest one,
  where float32 may see another sign;
- `squaredNorms`: parameter -> sum over examples and logits of its squared gradient;
- `hidden`: `mean` and `readout` [n, d]: last hidden state, mean over tokens and at the position that is read.

Some files are as the well-known checkpoints are: BERT and ALBERT saved with pooler and sentence-order head,
position_ids buffers, GPT-2 without the base prefix and with its mask buffers. Two are bfloat16 in several shards with an
index; what is computed for them is of the numbers that are stored.

Made with Python 3.11+, torch 2.13.0 (CPU), transformers 5.18.0, safetensors 0.8.0. Deterministic.
"""

import argparse
import json
import shutil
import zlib
from pathlib import Path

import architectures_deberta_modernbert
import architectures_llama
import architectures_neox_opt
import torch
from safetensors.torch import load_file, save_file
from transformers import (
    AlbertConfig,
    AlbertForPreTraining,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    BertConfig,
    BertForMaskedLM,
    BertForPreTraining,
    DistilBertConfig,
    DistilBertForMaskedLM,
    ElectraConfig,
    ElectraForMaskedLM,
    GPT2Config,
    GPT2LMHeadModel,
    MPNetConfig,
    MPNetForMaskedLM,
    RobertaConfig,
    RobertaForMaskedLM,
    XLMRobertaConfig,
    XLMRobertaForMaskedLM,
)

VOCABULARY = 97
encoder = dict(
    vocab_size=VOCABULARY,
    hidden_size=24,
    num_hidden_layers=2,
    num_attention_heads=3,
    intermediate_size=36,
    max_position_embeddings=40,
)
roberta = dict(encoder, pad_token_id=1, bos_token_id=0, eos_token_id=2, layer_norm_eps=1e-5)

# name -> (class, configuration, what is done to the tensors before they are stored)
FIRST = {
    "roberta": (RobertaForMaskedLM, RobertaConfig(**roberta | dict(num_hidden_layers=3), type_vocab_size=1), None),
    "bert": (BertForPreTraining, BertConfig(**encoder, hidden_act="gelu_new", type_vocab_size=2), "position_ids"),
    "bert-untied": (
        BertForMaskedLM,
        BertConfig(**encoder, hidden_act="silu", type_vocab_size=3, tie_word_embeddings=False),
        None,
    ),
    "distilbert": (
        DistilBertForMaskedLM,
        DistilBertConfig(
            vocab_size=VOCABULARY, dim=24, n_layers=2, n_heads=4, hidden_dim=36, max_position_embeddings=40
        ),
        None,
    ),
    "distilbert-relu": (
        DistilBertForMaskedLM,
        DistilBertConfig(
            vocab_size=VOCABULARY,
            dim=16,
            n_layers=1,
            n_heads=2,
            hidden_dim=20,
            max_position_embeddings=40,
            activation="relu",
            sinusoidal_pos_embds=True,
        ),
        None,
    ),
    "albert": (
        AlbertForPreTraining,
        AlbertConfig(**encoder | dict(num_hidden_layers=3), embedding_size=10),
        "position_ids",
    ),
    "albert-groups": (
        AlbertForPreTraining,
        AlbertConfig(
            **encoder | dict(num_hidden_layers=4),
            embedding_size=24,
            num_hidden_groups=2,
            inner_group_num=2,
            hidden_act="gelu",
        ),
        None,
    ),
    "electra": (
        ElectraForMaskedLM,
        ElectraConfig(**encoder, embedding_size=14, hidden_act="relu"),
        "position_ids",
    ),
    "electra-equal": (ElectraForMaskedLM, ElectraConfig(**encoder, embedding_size=24, hidden_act="gelu"), None),
    "xlm-roberta": (
        XLMRobertaForMaskedLM,
        XLMRobertaConfig(**roberta, type_vocab_size=1, hidden_act="tanh", tie_word_embeddings=False),
        None,
    ),
    "gpt2": (
        GPT2LMHeadModel,
        GPT2Config(
            vocab_size=VOCABULARY, n_embd=24, n_layer=3, n_head=3, n_positions=40, bos_token_id=96, eos_token_id=96
        ),
        "old gpt2",
    ),
    "gpt2-scaled": (
        GPT2LMHeadModel,
        GPT2Config(
            vocab_size=VOCABULARY,
            n_embd=16,
            n_layer=3,
            n_head=2,
            n_inner=20,
            n_positions=40,
            bos_token_id=96,
            eos_token_id=96,
            activation_function="relu",
            scale_attn_weights=False,
            scale_attn_by_inverse_layer_idx=True,
            tie_word_embeddings=False,
        ),
        None,
    ),
    "mpnet": (
        MPNetForMaskedLM,
        MPNetConfig(**encoder | dict(hidden_size=18), layer_norm_eps=1e-5),
        None,
    ),
}

CASES = FIRST | architectures_llama.CASES | architectures_neox_opt.CASES | architectures_deberta_modernbert.CASES

LENGTHS = (9, 16, 5, 11)
# Distances at which relative positions share rows.
LONGER = {"mpnet": (26, 30, 19, 27)}
LABEL_WORDS = (41, 17, 63)


def randomize(model, generator):
    """Weights large enough that logits and attention vary."""
    for name, parameter in model.named_parameters():
        noise = torch.randn(parameter.shape, generator=generator)
        if "embed" in name and parameter.ndim == 2 or "wte" in name or "wpe" in name:
            value = noise * 0.7
        elif parameter.ndim == 2:
            value = noise * (1.4 / parameter.shape[1] ** 0.5)
        elif name.endswith("weight"):
            # Gemma stores scales of norms less 1.
            value = ("Gemma" not in type(model).__name__) + 0.3 * noise
        else:
            value = 0.3 * noise
        parameter.data.copy_(value)


def rewrite(path, change, config):
    """Makes what is stored look like an older checkpoint."""
    if change == "transformers 4":
        rewrite_config(path.parent / "config.json")
        return
    tensors = load_file(path)
    if change == "position_ids":
        prefix = next(name for name in tensors if name.endswith("word_embeddings.weight"))
        buffer = prefix.replace("word_embeddings.weight", "position_ids")
        tensors[buffer] = torch.arange(config.max_position_embeddings).expand(1, -1).contiguous()
    if change == "old gpt2":
        tensors = {name.removeprefix("transformer."): tensor for name, tensor in tensors.items()}
        n = config.n_positions
        for layer in range(config.n_layer):
            tensors[f"h.{layer}.attn.bias"] = torch.tril(torch.ones(n, n, dtype=torch.uint8)).view(1, 1, n, n)
    if callable(change):
        tensors = change(tensors, path.parent)
    save_file(tensors, path, metadata={"format": "pt"})


def rewrite_config(path):
    """config.json as transformers 4 writes it."""
    config = json.loads(path.read_text())
    config["torch_dtype"] = config.pop("dtype")
    rope = config.pop("rope_parameters")
    types = config.pop("layer_types", None)
    if config["model_type"] == "modernbert":
        config["global_rope_theta"] = rope["full_attention"]["rope_theta"]
        config["local_rope_theta"] = rope["sliding_attention"]["rope_theta"]
        config["global_attn_every_n_layers"] = (types + ["full_attention"]).index("full_attention", 1)
        path.write_text(json.dumps(config, indent=2) + "\n")
        return
    if "full_attention" in rope:
        config["rope_local_base_freq"] = rope["sliding_attention"]["rope_theta"]
        rope = rope["full_attention"]
    config["rope_theta"] = rope.pop("rope_theta")
    config["rope_scaling"] = None if rope["rope_type"] == "default" else rope
    path.write_text(json.dumps(config, indent=2) + "\n")


def make_examples(config, lengths, generator):
    types = getattr(config, "type_vocab_size", 1)
    examples = []
    for length in lengths:
        # Ids 0 to 4 are special; some words occur in several examples, and twice in one.
        ids = torch.randint(5, 30, (length,), generator=generator).tolist()
        position = int(torch.randint(2, length, (1,), generator=generator))
        ids[position] = 4
        example = {"inputIds": ids, "position": position}
        if types > 1:
            example["tokenTypeIds"] = [min(t * types // length, types - 1) for t in range(length)]
        examples.append(example)
    return examples


def batch_of(examples, config, causal):
    """One padded batch, and the position that is read in each row."""
    if causal:
        examples = [
            {"inputIds": e["inputIds"][: e["position"]], "position": e["position"] - 1} for e in examples
        ]
    width = max(len(e["inputIds"]) for e in examples)
    pad = config.pad_token_id if config.pad_token_id is not None else 0

    def padded(rows, value):
        return torch.tensor([row + [value] * (width - len(row)) for row in rows])

    inputs = {
        "input_ids": padded([e["inputIds"] for e in examples], pad),
        "attention_mask": padded([[1] * len(e["inputIds"]) for e in examples], 0),
    }
    if "tokenTypeIds" in examples[0]:
        inputs["token_type_ids"] = padded([e["tokenTypeIds"] for e in examples], 0)
    return inputs, [e["position"] for e in examples]


def keep_float64():
    """Newer models compute norms, softmax and rotary tables in float32 whatever their type: here they do not."""
    to, softmax = torch.Tensor.to, torch.nn.functional.softmax

    def wide_to(tensor, *args, **kwargs):
        if tensor.dtype == torch.float64:
            args = [torch.float64 if value is torch.float32 else value for value in args]
            kwargs = {key: torch.float64 if value is torch.float32 else value for key, value in kwargs.items()}
        return to(tensor, *args, **kwargs)

    def wide_softmax(tensor, *args, **kwargs):
        if tensor.dtype == torch.float64:
            kwargs.pop("dtype", None)
        return softmax(tensor, *args, **kwargs)

    torch.Tensor.to = wide_to
    torch.Tensor.float = lambda tensor: wide_to(tensor, torch.float32)
    torch.nn.functional.softmax = wide_softmax


def gradients(model, inputs, positions):
    """Rows: (example, logit); columns: coordinates of all parameters."""
    names, parameters = zip(*model.named_parameters())
    used = [i for i, parameter in enumerate(parameters) if parameter.requires_grad]
    rows, norms = [], {}
    for n, position in enumerate(positions):
        keep = inputs["attention_mask"][n].sum()
        one = {key: value[n : n + 1, :keep] for key, value in inputs.items()}
        logits = model(**one).logits[0, position]
        for word in LABEL_WORDS:
            found = torch.autograd.grad(
                logits[word], [parameters[i] for i in used], retain_graph=True, allow_unused=True
            )
            row = []
            for i, gradient in zip(used, found):
                gradient = torch.zeros_like(parameters[i]) if gradient is None else gradient
                norms[names[i]] = norms.get(names[i], 0.0) + float(gradient.square().sum())
                row.append(gradient.flatten())
            rows.append(torch.cat(row))
    return torch.stack(rows), [names[i] for i in used], norms


# Where positions are absolute, the bias of a key has no gradient.
KEY_BIASES = ("key.bias", "k_lin.bias", "attn.k.bias")


def key_bias_mask(model, names):
    parameters = dict(model.named_parameters())
    endings = KEY_BIASES + (("k_proj.bias",) if model.config.model_type == "opt" else ())
    parts = []
    for name in names:
        mask = torch.zeros(parameters[name].shape, dtype=torch.bool)
        if name.endswith(endings):
            mask[:] = True
        # What a key's bias adds differs among keys where these meet queries of distances.
        if name.endswith("pos_key_proj.bias"):
            mask[:] = True
        if name.endswith("self.key_proj.bias") and "p2c" not in model.config.pos_att_type:
            mask[:] = True
        if name.endswith("query_key_value.bias"):
            # Only the part of a key that positions turn has a gradient.
            heads = mask.view(model.config.num_attention_heads, 3, -1)
            turned = int(heads.shape[2] * model.config.rope_parameters["partial_rotary_factor"])
            heads[:, 1, turned:] = True
        if name.endswith("c_attn.bias"):
            third = mask.shape[0] // 3
            mask[third : 2 * third] = True
        parts.append(mask.flatten())
    return torch.cat(parts)


def is_causal(config):
    return not config.architectures[0].endswith(("ForMaskedLM", "ForPreTraining"))


class TiedAtUse(torch.nn.Module):
    """A head that is given the word embeddings when it is called, with a decoder of its own instead."""

    def __init__(self, head, decoder):
        super().__init__()
        self.lm_head = head.lm_head
        self.lm_head.decoder = torch.nn.Linear(*reversed(decoder.shape), bias=False)
        self.lm_head.decoder.weight = torch.nn.Parameter(decoder.detach().clone())

    def forward(self, hidden, _embeddings):
        return self.lm_head(hidden, self.lm_head.decoder)


def untie(model):
    """The decoder becomes a parameter of its own (the reference counts it apart from the embeddings)."""
    if hasattr(model, "lm_predictions"):
        words = model.get_input_embeddings().weight
        model.lm_predictions = TiedAtUse(model.lm_predictions, words)
        return
    decoder = model.get_output_embeddings()
    decoder.weight = torch.nn.Parameter(decoder.weight.detach().clone())


def make(name, out):
    model_class, config, change = CASES[name]
    # A new case changes no other case's seed.
    seed = 1 + list(FIRST).index(name) if name in FIRST else zlib.crc32(name.encode())
    generator = torch.Generator().manual_seed(seed)
    directory = out / name
    shutil.rmtree(directory, ignore_errors=True)
    torch.manual_seed(0)
    model = model_class(config)
    randomize(model, generator)
    model.tie_weights()
    if change == "bf16 shards":
        model.bfloat16().save_pretrained(directory, max_shard_size="10KB")
    else:
        model.save_pretrained(directory)
        rewrite(directory / "model.safetensors", change, config)
    (directory / "generation_config.json").unlink(missing_ok=True)

    causal = is_causal(model.config)
    loader = AutoModelForCausalLM if causal else AutoModelForMaskedLM
    model = loader.from_pretrained(directory, dtype=torch.float32, attn_implementation="eager").double().eval()
    examples = make_examples(config, LONGER.get(name, LENGTHS), generator)
    inputs, positions = batch_of(examples, config, causal)
    rows = torch.arange(len(positions))
    with torch.no_grad():
        output = model(**inputs, output_hidden_states=True)
        logits = output.logits[rows, positions][:, LABEL_WORDS]
        hidden = output.hidden_states[-1]
        mask = inputs["attention_mask"][:, :, None].double()
        mean = (hidden * mask).sum(1) / mask.sum(1)
    untie(model)
    jacobian, names, norms = gradients(model, inputs, positions)
    key_bias = key_bias_mask(model, names)
    largest = jacobian.abs().max()
    small = (jacobian != 0) & (jacobian.abs() < 1e-7 * largest) & ~key_bias
    assert (jacobian[:, key_bias].abs() < 1e-12 * largest).all()
    signs = jacobian.sign()
    signs[:, key_bias] = 0

    shape = [len(positions), len(LABEL_WORDS)] * 2
    array = lambda tensor: {"shape": list(tensor.shape), "data": tensor.flatten().tolist()}
    case = {
        "labelWordIds": list(LABEL_WORDS),
        "examples": examples,
        "logits": array(logits),
        "hidden": {"mean": array(mean), "readout": array(hidden[rows, positions])},
        "kernels": {
            "sgd": array((jacobian @ jacobian.T).reshape(shape)),
            "signgd": array((signs @ signs.T).reshape(shape)),
            "a-signgd": array((signs @ jacobian.T).reshape(shape)),
        },
        "nearZero": int(small.sum()),
        "squaredNorms": norms,
    }
    (directory / "case.json").write_text(json.dumps(case) + "\n")
    spread = float(logits.std())
    print(f"{name}: {jacobian.shape[1]} parameters, logits spread {spread:.2f}, near zero {case['nearZero']}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, default=Path("packages/models/fixtures/architectures"))
    parser.add_argument("--only", choices=list(CASES), action="append")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    keep_float64()
    for case_name in arguments.only or CASES:
        make(case_name, arguments.out)
