"""Makes packages/kernels/fixtures/classifier.json: kernels of no-prompt networks, from float64 Jacobians.

    python tooling/reference/make_classifier_cases.py

The network is that of LM-Kernel-FT without a prompt: base model, then nn.Linear(hidden_size, labels) on the last
hidden state of the first token (the last one for GPT-2); no pooler. Tiny models of packages/models/fixtures/
architectures. Per case: `head` (weights [C, d], bias [C]), `examples`, `logits` [n, C], `sgd` [n, C, n, C] over all
parameters of base model and head.

Made with torch 2.13.0, transformers 5.18.0.
"""

import json
from pathlib import Path

import torch
from transformers import AutoModel

PACKAGES = Path(__file__).resolve().parents[2] / "packages"
LABELS = 3


def flat(tensor):
    return {"shape": list(tensor.shape), "data": tensor.reshape(-1).tolist()}


def case(name):
    torch.manual_seed(7)
    base = AutoModel.from_pretrained(PACKAGES / "models/fixtures/architectures" / name, dtype=torch.float64).eval()
    hidden, words = base.config.hidden_size, base.config.vocab_size
    head = torch.nn.Linear(hidden, LABELS).double()
    parameters = [p for p in [*base.parameters(), *head.parameters()]]
    examples, rows, logits = [], [], []
    for length in (6, 11, 4, 9):
        ids = torch.randint(5, words, (length,)).tolist()
        position = length - 1 if name == "gpt2" else 0
        examples.append({"inputIds": ids, "position": position})
        out = head(base(input_ids=torch.tensor([ids])).last_hidden_state[0, position])
        logits.append(out.detach())
        for c in range(LABELS):
            grads = torch.autograd.grad(out[c], parameters, retain_graph=True, allow_unused=True)
            rows.append(torch.cat([g.reshape(-1) for g in grads if g is not None]))
    gradients = torch.stack(rows)
    n = len(examples)
    return {
        "head": {"weights": flat(head.weight.detach()), "bias": flat(head.bias.detach())},
        "examples": examples,
        "logits": flat(torch.stack(logits)),
        "sgd": flat((gradients @ gradients.T).reshape(n, LABELS, n, LABELS)),
    }


def main():
    cases = {name: case(name) for name in ("bert", "roberta", "gpt2")}
    (PACKAGES / "kernels/fixtures/classifier.json").write_text(json.dumps(cases) + "\n")


if __name__ == "__main__":
    main()
