"""Kernels of tiny RoBERTa and BERT models from float64 Jacobians: what @ntk-lens/kernels must compute.

    python tooling/reference/make_kernel_oracle.py [--out packages/kernels/fixtures/oracle] [--search SEEDS]

Writes one Hugging Face directory per case (config.json, model.safetensors in float32; the oracle computes with
the same values in float64), its case.json and arrays:
- case.json: `examples` (inputIds, position, tokenTypeIds for BERT), `labelWordIds` (three; the kernel of the
  first two is a block of theirs), `parameters` (names, the first axis of the arrays), `keyBiases`, `sizes`,
  `subsets` (name -> parameter names), `nearZero`: the smallest |gradient| that is not exactly zero, key biases
  aside, as a multiple of the largest error that float32 makes in the same parameter's gradient (`margin`), and
  how many coordinates are below that error (`count`);
- `logits.npy` [n, 3];
- `<formula>.npy` [parameter, n, 3, n, 3] for sgd <g, g'>, signgd <sign g, sign g'> (int32) and a-signgd
  <sign g, g'>, each parameter alone; the flipped A-SignGD kernel is the transpose of the square one;
- `<formula>-total.npy` [subset, n, 3, n, 3]: summed over the parameters of a subset;
- `<formula>-binary.npy` [parameter, n, n]: of the one output logit 1 - logit 0;
- `<formula>-tied.npy` [n, 3, n, 3] and `<formula>-binary-tied.npy` [n, n]: of the word embeddings alone when
  the decoder is the same parameter. The other arrays count the decoder as a parameter of its own, as the
  reference does.
Gradients come from one backward pass per example and logit, on the example alone, without padding. Gradients of
attention key biases are zero but for rounding (softmax ignores the shift) and count as exact zeros everywhere.

--search looks for the seed with the largest margin, the one to put into CASES: with a margin well above 1 no
sign can differ between float64 and float32, so SignGD kernels must be equal as integers.

Made with Python 3.11+, torch 2.13.0 (CPU), transformers 5.18.0, safetensors 0.8.0, numpy 2.4. Deterministic.
"""

import argparse
import json
import shutil
from pathlib import Path

import numpy
import torch
from transformers import AutoModelForMaskedLM, BertConfig, BertForMaskedLM, RobertaConfig, RobertaForMaskedLM

shape = dict(
    vocab_size=64,
    hidden_size=16,
    num_hidden_layers=2,
    num_attention_heads=2,
    intermediate_size=24,
    max_position_embeddings=40,
    attn_implementation="eager",
)
# name -> (class, configuration, seed)
CASES = {
    "roberta": (
        RobertaForMaskedLM,
        RobertaConfig(
            **shape, pad_token_id=1, bos_token_id=0, eos_token_id=2, type_vocab_size=1, layer_norm_eps=1e-5
        ),
        96,
    ),
    "bert": (BertForMaskedLM, BertConfig(**shape, pad_token_id=0, type_vocab_size=2), 242),
}
LENGTHS = (9, 16, 5, 21, 8)
LABEL_WORDS = (41, 17, 23)
MASK = 4


def make_model(model_class, config, seed):
    """Weights large enough that logits, attention and gradients are well away from zero."""
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(0)
    model = model_class(config)
    for name, parameter in model.named_parameters():
        noise = torch.randn(parameter.shape, generator=generator)
        if "embeddings" in name and parameter.ndim == 2:
            value = noise * 0.7
        elif parameter.ndim == 2:
            value = noise * (1.4 / parameter.shape[1] ** 0.5)
        elif name.endswith("weight"):
            value = 1 + 0.3 * noise
        else:
            value = 0.3 * noise
        parameter.data.copy_(value)
    model.tie_weights()
    return model.eval(), generator


def make_examples(config, generator):
    """Ids from a small range, so that words recur within and across examples; label words among them."""
    examples = []
    for length in LENGTHS:
        ids = torch.randint(5, 30, (length,), generator=generator).tolist()
        position = int(torch.randint(1, length, (1,), generator=generator))
        ids[position] = MASK
        example = {"inputIds": ids, "position": position}
        if config.type_vocab_size > 1:
            example["tokenTypeIds"] = [int(2 * t >= length) for t in range(length)]
        examples.append(example)
    return examples


def jacobians(model, examples):
    """Parameter name -> [n, 4, size]: gradients of the three logits, and of logit 1 - logit 0; and the logits."""
    decoder = model.get_output_embeddings()
    decoder.weight = torch.nn.Parameter(decoder.weight.detach().clone())
    names, parameters = zip(*model.named_parameters())
    dtype = parameters[0].dtype
    rows = {name: [] for name in names}
    outputs = []
    for example in examples:
        inputs = {"input_ids": torch.tensor([example["inputIds"]])}
        if "tokenTypeIds" in example:
            inputs["token_type_ids"] = torch.tensor([example["tokenTypeIds"]])
        logits = model(**inputs).logits[0, example["position"]][list(LABEL_WORDS)]
        outputs.append(logits.detach())
        for output in (*logits, logits[1] - logits[0]):
            found = torch.autograd.grad(output, parameters, retain_graph=True, allow_unused=True)
            for name, parameter, gradient in zip(names, parameters, found):
                gradient = torch.zeros_like(parameter) if gradient is None else gradient
                rows[name].append(gradient.flatten())
    stacked = {name: torch.stack(list_).reshape(len(examples), 4, -1) for name, list_ in rows.items()}
    assert all(value.dtype == dtype for value in stacked.values())
    return stacked, torch.stack(outputs)


def word_embeddings(names):
    return next(name for name in names if name.endswith("word_embeddings.weight"))


def decoder_weight(names):
    return next(name for name in names if name.endswith("decoder.weight"))


def with_tied(jacobian):
    """The same, and the word embeddings' gradient when the decoder is the same parameter."""
    return {**jacobian, "tied": jacobian[word_embeddings(jacobian)] + jacobian[decoder_weight(jacobian)]}


def near_zero(model_class, config, seed):
    """How far the nearest gradient is from a sign that float32 could get wrong."""
    model, generator = make_model(model_class, config, seed)
    examples = make_examples(config, generator)
    single, _ = jacobians(model, examples)
    model, _ = make_model(model_class, config, seed)
    double, _ = jacobians(model.double(), examples)
    single, double = with_tied(single), with_tied(double)
    margin, count = float("inf"), 0
    for name, exact in double.items():
        if name.endswith("key.bias"):
            continue
        error = (single[name].double() - exact).abs().amax(2, keepdim=True)
        ratios = (exact.abs() / error)[exact != 0]
        if ratios.numel() == 0:
            continue
        margin = min(margin, float(ratios.min()))
        count += int((ratios < 1).sum())
    return margin, count


def save(path, tensor, dtype=numpy.float64):
    array = numpy.ascontiguousarray(tensor.detach().numpy())
    if dtype == numpy.int32:
        assert (array == array.round()).all()
    numpy.save(path, array.astype(dtype))


def make(name, out):
    model_class, config, seed = CASES[name]
    directory = out / name
    shutil.rmtree(directory, ignore_errors=True)
    model, generator = make_model(model_class, config, seed)
    examples = make_examples(config, generator)
    model.save_pretrained(directory)
    (directory / "generation_config.json").unlink(missing_ok=True)
    model = AutoModelForMaskedLM.from_pretrained(directory, attn_implementation="eager").double().eval()
    jacobian, logits = jacobians(model, examples)
    names = list(jacobian)
    largest = max(value.abs().max() for value in jacobian.values())
    key_biases = [parameter for parameter in names if parameter.endswith("key.bias")]
    for parameter in key_biases:
        assert jacobian[parameter].abs().max() < 1e-12 * largest
        jacobian[parameter] = torch.zeros_like(jacobian[parameter])
    margin, count = near_zero(model_class, config, seed)

    embeddings = f"{model.base_model_prefix}.embeddings."
    in_head = lambda parameter: not parameter.startswith(f"{model.base_model_prefix}.")
    subsets = {
        "all": names,
        "no-embeddings": [p for p in names if not p.startswith(embeddings)],
        "no-head": [p for p in names if not in_head(p)],
        "bias": [p for p in names if p.endswith("bias")],
        "first-layer": [p for p in names if ".layer.0." in p],
    }
    forms = {
        "sgd": lambda g, h: torch.einsum("ncp,mdp->ncmd", g, h),
        "signgd": lambda g, h: torch.einsum("ncp,mdp->ncmd", g.sign(), h.sign()),
        "a-signgd": lambda g, h: torch.einsum("ncp,mdp->ncmd", g.sign(), h),
    }
    tied = with_tied(jacobian)["tied"]
    for formula, contract in forms.items():
        dtype = numpy.int32 if formula == "signgd" else numpy.float64
        each = {p: contract(jacobian[p][:, :3], jacobian[p][:, :3]) for p in names}
        binary = {p: contract(jacobian[p][:, 3:], jacobian[p][:, 3:])[:, 0, :, 0] for p in names}
        save(directory / f"{formula}.npy", torch.stack([each[p] for p in names]), dtype)
        save(directory / f"{formula}-binary.npy", torch.stack([binary[p] for p in names]), dtype)
        totals = [sum(each[p] for p in subset) for subset in subsets.values()]
        save(directory / f"{formula}-total.npy", torch.stack(totals), dtype)
        save(directory / f"{formula}-tied.npy", contract(tied[:, :3], tied[:, :3]), dtype)
        save(directory / f"{formula}-binary-tied.npy", contract(tied[:, 3:], tied[:, 3:])[:, 0, :, 0], dtype)
    save(directory / "logits.npy", logits)
    case = {
        "labelWordIds": list(LABEL_WORDS),
        "examples": examples,
        "parameters": names,
        "sizes": {p: jacobian[p].shape[2] for p in names},
        "keyBiases": key_biases,
        "subsets": subsets,
        "nearZero": {"margin": margin, "count": count},
    }
    (directory / "case.json").write_text(json.dumps(case) + "\n")
    print(f"{name}: {sum(case['sizes'].values())} coordinates, margin {margin:.1f}, {count} below float32's error")


def search(seeds):
    for name, (model_class, config, _) in CASES.items():
        best = max(((*near_zero(model_class, config, seed), seed) for seed in range(seeds)), key=lambda r: r[0])
        print(f"{name}: seed {best[2]} has margin {best[0]:.2f} and {best[1]} coordinates near zero", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, default=Path("packages/kernels/fixtures/oracle"))
    parser.add_argument("--search", type=int, metavar="SEEDS")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.search:
        search(arguments.search)
    else:
        for case_name in CASES:
            make(case_name, arguments.out)
