"""Adam and cosine kernels of tiny models from float64 gradients: what @ntk-lens/kernels must compute.

    python tooling/reference/make_formula_oracle.py [--out packages/kernels/fixtures/formula-oracle]

The models are those of packages/models/fixtures/architectures and, for an optimizer's state, those whose state
packages/models/fixtures/optimizer-states has (at weights drawn here). Writes one `<case>.json` per case:
- `model`: directory of the tiny model; `examples` (inputIds, position, tokenTypeIds), cut before the mask for GPT-2;
  `labelWordIds`; `train` and `queries`, numbers of examples; `labels` of the training examples;
- `untouched`: how many coordinates have no gradient in any training example, though they have one in a query;
- `state`, where v is read from an optimizer's state: its file, with its `step` and `beta2`, and `largest`, the largest D;
- `kernels`: arrays in float64, `[train, C, query, C]`.

Kernels are sums over coordinates, gradients of the decoder and of the word embeddings apart as everywhere (the
decoder is a parameter of its own in the reference), attention key biases left out:
- `adam`: sum over coordinates of D g h with D = 1 / (sqrt(v) + 1e-8), v the mean over the training examples of the squared
  gradient of the cross-entropy loss at the stored parameters; `adam-train` the same for train x train;
- `adam-binary`: of the one output logit 1 - logit 0 of the first two label words, with labels of 0 and 1 (`binaryLabels`);
- `cosine`, `cosine-train`, `cosine-binary`: g h / (|g| |h|);
- `state`, `state-train`: D = 1 / (sqrt(v / (1 - beta2^t)) + eps) with v of a state.
`sensitivity` says for each of them by how much (relative Frobenius) it changes when every gradient moves by as
much as float32 rounds the largest gradient of its parameter: D divides by sqrt(v), which can be near zero by chance.
Labels are those, of all, with the smallest sensitivity, so that float32 can be held to 1e-5.

Made with Python 3.11, torch 2.15.0 (on the processor), transformers 5.24.0. Deterministic.
"""

import argparse
import itertools
import json
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForMaskedLM

root = Path(__file__).resolve().parents[2]
models = root / "packages/models/fixtures/architectures"
states = root / "packages/models/fixtures/optimizer-states"
CASES = ("roberta", "gpt2", "albert")
EPS = 1e-8
ROUNDING = 2.0**-23


def is_key_bias(name):
    return name.endswith(("key.bias", "k_lin.bias"))


def load(directory):
    config = AutoConfig.from_pretrained(directory)
    loader = AutoModelForCausalLM if config.model_type == "gpt2" else AutoModelForMaskedLM
    model = loader.from_pretrained(directory, attn_implementation="eager").double().eval()
    decoder = model.get_output_embeddings()
    decoder.weight = torch.nn.Parameter(decoder.weight.detach().clone())
    return model


def inputs_of(example):
    inputs = {"input_ids": torch.tensor([example["inputIds"]])}
    if "tokenTypeIds" in example:
        inputs["token_type_ids"] = torch.tensor([example["tokenTypeIds"]])
    return inputs


def without_key_biases(name, gradient):
    if is_key_bias(name):
        return torch.zeros_like(gradient)
    if name.endswith("c_attn.bias"):
        gradient = gradient.clone()
        third = gradient.shape[0] // 3
        gradient[third : 2 * third] = 0
    return gradient


def gradients(model, examples, outputs_of):
    """[n, outputs, coordinates]: gradients of what `outputs_of(i, logits at the position)` returns."""
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    rows = []
    for i, example in enumerate(examples):
        logits = model(**inputs_of(example)).logits[0, example["position"]]
        own = []
        for output in outputs_of(i, logits):
            found = torch.autograd.grad(output, [p for _, p in named], retain_graph=True, allow_unused=True)
            parts = [
                without_key_biases(name, torch.zeros_like(p) if g is None else g).flatten()
                for (name, p), g in zip(named, found)
            ]
            own.append(torch.cat(parts))
        rows.append(torch.stack(own))
    return torch.stack(rows)


def losses(words, labels):
    """The loss of example i, which transformers' own cross_entropy computes."""
    target = lambda i: torch.tensor([labels[i]])
    return lambda i, logits: [torch.nn.functional.cross_entropy(logits[words][None], target(i))]


def kernel(left, right, d=None):
    return torch.einsum("ncp,mdp->ncmd", left if d is None else left * d, right)


def cosine(left, right):
    unit = lambda g: g / g.norm(dim=2, keepdim=True)
    return kernel(unit(left), unit(right))


def moved(rows, sizes, seed):
    """The same gradients, each moved by up to float32's rounding of the largest of its parameter; zeros stay."""
    generator = torch.Generator().manual_seed(seed)
    parts = []
    for part in rows.split(sizes, dim=2):
        noise = 2 * torch.rand(part.shape, generator=generator, dtype=part.dtype) - 1
        parts.append(torch.where(part != 0, part + ROUNDING * part.abs().amax(2, keepdim=True) * noise, part))
    return torch.cat(parts, dim=2)


def distance(a, b):
    return float((a - b).norm() / b.norm())


def second_moment(loss_gradients):
    return loss_gradients[:, 0].square().mean(0)


def adam(rows, chi, train, queries):
    """The kernel of gradients `rows` [n, C, p] where the loss of training example i has the gradient chi_i . rows_i."""
    loss_rows = torch.einsum("nc,ncp->np", chi, rows[list(train)])[:, None]
    d = 1 / (second_moment(loss_rows).sqrt() + EPS)
    return kernel(rows[list(train)], rows[list(queries)], d)


def output_derivatives(model, examples, words, labels):
    """chi [n, C] by automatic differentiation of the loss with respect to the logits."""
    found = []
    for example, label in zip(examples, labels):
        with torch.no_grad():
            logits = model(**inputs_of(example)).logits[0, example["position"], words]
        f = logits.detach().requires_grad_()
        torch.nn.functional.cross_entropy(f[None], torch.tensor([label])).backward()
        found.append(f.grad)
    return torch.stack(found)


def best_labels(score, count, outputs):
    """Of all labelings of the training examples, the one whose kernel float32 can compute best."""
    return min(itertools.product(range(outputs), repeat=count), key=score)


def split(example_count):
    train = list(range(example_count - 1))
    return train, [example_count - 1, 0]


def make(name, out):
    stored = json.loads((models / name / "case.json").read_text())
    model = load(models / name)
    causal = model.config.model_type == "gpt2"
    examples = stored["examples"]
    if causal:
        examples = [
            {"inputIds": e["inputIds"][: e["position"]], "position": e["position"] - 1} for e in examples
        ]
    words = stored["labelWordIds"]
    train, queries = split(len(examples))
    trained = [examples[i] for i in train]
    sizes = [p.numel() for _, p in model.named_parameters() if p.requires_grad]
    rows = gradients(model, examples, lambda _, logits: list(logits[words]))
    binary_rows = rows[:, 1:2] - rows[:, 0:1]
    noisy = moved(rows, sizes, 1)
    noisy_binary = noisy[:, 1:2] - noisy[:, 0:1]

    def sensitivity(labels):
        chi = output_derivatives(model, trained, words, labels)
        return distance(adam(noisy, chi, train, queries), adam(rows, chi, train, queries))

    def binary_chi(labels):
        return output_derivatives(model, trained, words[:2], labels)[:, 1:]

    def binary_sensitivity(labels):
        chi = binary_chi(labels)
        exact = adam(binary_rows, chi, train, queries)
        return distance(adam(noisy_binary, chi, train, queries), exact)

    labels = best_labels(sensitivity, len(train), 3)
    binary_labels = best_labels(binary_sensitivity, len(train), 2)
    # The gradients of the loss itself, not put together from those of logits.
    loss_gradients = gradients(model, trained, losses(words, labels))
    binary_losses = gradients(model, trained, losses(words[:2], binary_labels))
    v, binary_v = second_moment(loss_gradients), second_moment(binary_losses)
    d, binary_d = 1 / (v.sqrt() + EPS), 1 / (binary_v.sqrt() + EPS)
    left, right = rows[train], rows[queries]
    binary_left, binary_right = binary_rows[train], binary_rows[queries]
    tensors = {
        "adam": kernel(left, right, d),
        "adam-train": kernel(left, left, d),
        "adam-binary": kernel(binary_left, binary_right, binary_d),
        "cosine": cosine(left, right),
        "cosine-train": cosine(left, left),
        "cosine-binary": cosine(binary_left, binary_right),
    }
    check = adam(rows, output_derivatives(model, trained, words, labels), train, queries)
    assert distance(check, tensors["adam"]) < 1e-9
    case = {
        "model": name,
        "examples": examples,
        "labelWordIds": words,
        "train": train,
        "queries": queries,
        "labels": list(labels),
        "binaryLabels": list(binary_labels),
        "untouched": int(((v == 0) & (right != 0).any(1).any(0)).sum()),
        "sensitivity": {"adam": sensitivity(labels), "adam-binary": binary_sensitivity(binary_labels)},
    }
    write(out, name, case, tensors)


def make_state(name, out):
    """A state of torch.optim.AdamW on the model of packages/models/fixtures/optimizer-states, at weights drawn here."""
    stored = json.loads((states / f"{name}.json").read_text())
    config = AutoConfig.for_model(**stored["config"])
    loader = AutoModelForCausalLM if config.model_type == "gpt2" else AutoModelForMaskedLM
    torch.manual_seed(3)
    model = loader.from_config(config, attn_implementation="eager")
    directory = out / f"{name}-state"
    model.save_pretrained(directory)
    (directory / "generation_config.json").unlink(missing_ok=True)
    model = load(directory)
    generator = torch.Generator().manual_seed(5)
    words = [11, 7]
    examples = []
    # The optimizer saw 9 tokens at a time: of longer examples v is 0 for some rows of the table of positions.
    for length in (7, 11 if name == "roberta" else 8, 5, 9):
        ids = torch.randint(5, config.vocab_size - 1, (length,), generator=generator).tolist()
        position = length - 1 if config.model_type == "gpt2" else length // 2
        example = {"inputIds": ids, "position": position}
        examples.append(example)
    train, queries = split(len(examples))
    file = next(states / f"{name}{end}" for end in (".pt", ".safetensors") if (states / f"{name}{end}").exists())
    state = torch.load(file, weights_only=True)
    numbers = [number for group in state["param_groups"] for number in group["params"]]
    moments = {parameter: state["state"].get(number) for parameter, number in zip(stored["order"], numbers)}
    tied = load_tied_names(config)
    d = []
    named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    for parameter, p in named:
        entry = moments.get(parameter) or moments.get(tied.get(parameter))
        assert entry is not None and entry["exp_avg_sq"].shape == p.shape, parameter
        assert float(entry["step"]) == stored["step"]
        v = entry["exp_avg_sq"].double() / (1 - stored["beta2"] ** stored["step"])
        d.append((1 / (v.sqrt() + EPS)).flatten())
    d = torch.cat(d)
    rows = gradients(model, examples, lambda _, logits: list(logits[words]))
    sizes = [p.numel() for _, p in named]
    noisy = moved(rows, sizes, 1)
    left, right = rows[train], rows[queries]
    tensors = {"state": kernel(left, right, d), "state-train": kernel(left, left, d)}
    case = {
        "model": f"{name}-state",
        "state": file.name,
        "examples": examples,
        "labelWordIds": words,
        "train": train,
        "queries": queries,
        "step": stored["step"],
        "beta2": stored["beta2"],
        "largest": float(d.max()),
        "sensitivity": {"state": distance(kernel(noisy[train], noisy[queries], d), tensors["state"])},
    }
    write(out, f"{name}-state", case, tensors)


def load_tied_names(config):
    """Parameters of the untied model that a tied one's optimizer has under another name."""
    if config.model_type == "gpt2":
        return {"lm_head.weight": "transformer.wte.weight"}
    base = config.model_type
    words = f"{base}.embeddings.word_embeddings.weight"
    return {"lm_head.decoder.weight": words, "predictions.decoder.weight": words}


def write(out, name, case, tensors):
    array = lambda tensor: {"shape": list(tensor.shape), "data": tensor.detach().flatten().tolist()}
    kernels = {key: array(tensor) for key, tensor in tensors.items()}
    (out / f"{name}.json").write_text(json.dumps({**case, "kernels": kernels}) + "\n")
    print(name, case["sensitivity"], case.get("labels"), case.get("untouched"), case.get("largest"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, default=root / "packages/kernels/fixtures/formula-oracle")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    for case_name in CASES:
        make(case_name, arguments.out)
    for state_name in ("roberta", "gpt2", "albert"):
        make_state(state_name, arguments.out)
