"""Kernels of tiny causal models whose outputs are log-probabilities of label words, from float64 Jacobians.

    python tooling/reference/make_joint_oracle.py [NAME ...] [--models DIR] [--out packages/kernels/fixtures/joint]

The models are those of make_architectures.py; every causal one by default. Writes one NAME.json per model:
- `words`: tokens of the label words, of one token, of several, and two that begin alike;
- `prompts`: token ids, the first tokens of the examples of make_architectures.py;
- `logProbabilities` [n, C]: f = sum over t of log p(y_t | x, y_<t) under the softmax over the whole vocabulary;
- `kernels`: `sgd` <g, g'>, `signgd` <sign g, sign g'>, `a-signgd` <sign g, g'> [n, C, n, C], and `signgd-binary`
  [n, 1, n, 1] of f_1 - f_0. The decoder counts as a parameter of its own, and attention key biases whose gradient is
  zero but for rounding count as zero in sign kernels;
- `turned`: how many gradient coordinates have another sign when torch computes them in float32.

Every word is a sequence of its own, the prompt followed by the word without its last token: nothing is shared, no
padding, no branches.

Made with Python 3.11, torch (CPU), transformers 5.24. Deterministic.
"""

import argparse
import json
from pathlib import Path

import torch
from make_architectures import keep_float64, key_bias_mask, untie
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

WORDS = [[41], [17, 63, 8], [17, 5], [70, 70]]


def log_probability(model, prompt, word):
    """f of one word, a sequence of its own."""
    tokens = torch.tensor([prompt + word[:-1]])
    rows = model(input_ids=tokens).logits[0].log_softmax(-1)
    return sum(rows[len(prompt) - 1 + t, token] for t, token in enumerate(word))


def gradient(f, parameters):
    found = torch.autograd.grad(f, parameters, retain_graph=True, allow_unused=True)
    filled = [torch.zeros_like(p) if g is None else g for p, g in zip(parameters, found)]
    return torch.cat([g.flatten() for g in filled])


def jacobians(directory, prompts, dtype):
    """Rows of f and of f_1 - f_0, the values of f, and the parameters by name."""
    model = AutoModelForCausalLM.from_pretrained(directory, attn_implementation="eager").to(dtype).eval()
    untie(model)
    names, parameters = zip(*[(name, p) for name, p in model.named_parameters() if p.requires_grad])
    rows, binary, values = [], [], []
    for prompt in prompts:
        fs = [log_probability(model, prompt, word) for word in WORDS]
        values += [float(f.detach()) for f in fs]
        rows += [gradient(f, parameters) for f in fs]
        binary.append(gradient(fs[1] - fs[0], parameters))
    return torch.stack(rows).double(), torch.stack(binary).double(), values, model, names


def make(directory, out):
    stored = json.loads((directory / "case.json").read_text())
    prompts = [example["inputIds"][: example["position"]] for example in stored["examples"]]
    jacobian, difference, values, model, names = jacobians(directory, prompts, torch.float64)
    rough, rough_difference, *_ = jacobians(directory, prompts, torch.float32)
    key_bias = key_bias_mask(model, names)
    both, rough = torch.cat([jacobian, difference]), torch.cat([rough, rough_difference])
    assert both[:, key_bias].numel() == 0 or both[:, key_bias].abs().max() < 1e-12 * both.abs().max()
    both[:, key_bias] = rough[:, key_bias] = 0
    turned = int((both.sign() != rough.sign()).sum())
    signs = jacobian.sign()
    signs[:, key_bias] = 0
    binary_signs = difference.sign()
    binary_signs[:, key_bias] = 0
    n, c = len(prompts), len(WORDS)

    def array(tensor, shape):
        return {"shape": shape, "data": [float(f"{x:.12g}") for x in tensor.flatten().tolist()]}

    case = {
        "words": WORDS,
        "prompts": prompts,
        "logProbabilities": array(torch.tensor(values), [n, c]),
        "kernels": {
            "sgd": array(jacobian @ jacobian.T, [n, c, n, c]),
            "signgd": array(signs @ signs.T, [n, c, n, c]),
            "a-signgd": array(signs @ jacobian.T, [n, c, n, c]),
            "signgd-binary": array(binary_signs @ binary_signs.T, [n, 1, n, 1]),
        },
        "turned": turned,
    }
    (out / f"{directory.name}.json").write_text(json.dumps(case) + "\n")
    print(f"{directory.name}: f from {min(values):.2f} to {max(values):.2f}, signs turned by float32 {turned}")


def is_causal(directory):
    return AutoConfig.from_pretrained(directory).model_type in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES and "ForCausalLM" in str(
        AutoConfig.from_pretrained(directory).architectures
    )


if __name__ == "__main__":
    torch.set_num_threads(1)
    keep_float64()
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--models", type=Path, default=Path("packages/models/fixtures/architectures"))
    parser.add_argument("--out", type=Path, default=Path("packages/kernels/fixtures/joint"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    names = options.names or [p.name for p in sorted(options.models.iterdir()) if p.is_dir() and is_causal(p)]
    for name in names:
        make(options.models / name, options.out)
