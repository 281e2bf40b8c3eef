"""SmolLM2-135M on SST-2, measured with torch and transformers alone: the numbers that docs/results.md compares with.

    python tooling/reference/smollm2.py data K_SHOT OUT
    python tooling/reference/smollm2.py measure MODEL OUT [--train 32] [--test 200] [--rows 8]

`data` copies the 16-shot sample of seed 42 from LM-BFF's k-shot directory and takes every fourth sentence of its test
file, the first 200 of them: OUT/16-42/{train,dev,test}.tsv, a directory for `ntk-lens run --data OUT --task SST-2`.

`measure` prints accuracies of the largest class, of the model itself, and of its SGD kernel: K = <g, g'>, g the gradient
of logit(" positive") - logit(" negative") behind "Review: {sentence}\\nSentiment:", least squares on labels of +-1 with
ridge times the largest singular value, without and with the model's own logit difference scaled by 1/10. The decoder is
a parameter of its own, apart from the word embeddings. Gradients are float32, the rows of training examples are kept as
bfloat16, 8 at a time (--rows), in less than 4 GB of memory. Later examples and the test sentences go by once for each
such panel. Interrupted (Ctrl-C) in the last panel, it prints the accuracies on the test sentences that it has seen.

Made with Python 3.11+, torch 2.13.0 (CPU), transformers 5.24.0.
"""

import argparse
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

WORDS = (" negative", " positive")


def rows_of(path):
    head, *lines = path.read_text().splitlines()
    return head, [line for line in lines if line]


def write(path, head, lines):
    path.write_text("\n".join([head, *lines]) + "\n")


def make_data(k_shot, out):
    sample = out / "16-42"
    sample.mkdir(parents=True, exist_ok=True)
    for split in ("train", "dev"):
        write(sample / f"{split}.tsv", *rows_of(k_shot / "16-42" / f"{split}.tsv"))
    head, lines = rows_of(k_shot / "test.tsv")
    write(sample / "test.tsv", head, lines[::4][:200])


def read_split(data, split, limit):
    _, lines = rows_of(data / "16-42" / f"{split}.tsv")
    pairs = [line.rsplit("\t", 1) for line in lines]
    # As many of each label where not all are taken.
    pairs = [pairs[i * len(pairs) // limit] for i in range(min(limit, len(pairs)))]
    return [text for text, _ in pairs], torch.tensor([int(label) for _, label in pairs])


class Gradients:
    """Of one logit difference, in three parts: dense parameters, rows of the word embeddings, rows of the decoder."""

    def __init__(self, model, tokenizer):
        self.tokenizer = tokenizer
        self.model = model.eval()
        self.words = [tokenizer.encode(word, add_special_tokens=False)[0] for word in WORDS]
        embeddings = model.get_input_embeddings()
        self.decoder = model.get_output_embeddings().weight.detach()[self.words]
        self.dense = [p for p in model.parameters() if p is not embeddings.weight]
        embeddings.register_forward_hook(self.keep)

    def keep(self, _module, _inputs, output):
        self.embedded = output.detach().requires_grad_()
        return self.embedded

    def __call__(self, text):
        prompt = f"Review: {text}\nSentiment:"
        ids = torch.tensor([self.tokenizer.encode(prompt, add_special_tokens=False)])
        last = self.model.model(ids, use_cache=False).last_hidden_state[0, -1]
        logit = last @ (self.decoder[1] - self.decoder[0])
        *dense, words = torch.autograd.grad(logit, [*self.dense, self.embedded])
        return float(logit.detach()), ids[0], [g.flatten() for g in dense], words[0], last.detach()


def inner(a, b):
    """<g, g'>: the rows of equal words meet, and the decoder has the same state at both of its rows."""
    _, ids, dense, words, last = a
    _, other_ids, other_dense, other_words, other_last = b
    same = (ids[:, None] == other_ids[None, :]).float()
    # Parameter by parameter: a sum of 10^8 products in float32 is wrong in its third digit.
    parts = [float(x.float() @ y) for x, y in zip(dense, other_dense)]
    return sum(parts) + float((words @ other_words.T * same).sum()) + 2 * float(last @ other_last)


def accuracies(train, test, f0_train, f0_test, labels, gold):
    targets = labels.double() * 2 - 1
    largest = torch.linalg.matrix_norm(train, ord=2)
    identity = torch.eye(len(train), dtype=torch.float64)
    for scale in (None, 10.0):
        start, add = (0, 0) if scale is None else (f0_train / scale, f0_test / scale)
        for ridge in (0.0, 0.001, 0.01, 0.1):
            alpha = torch.linalg.lstsq(train + ridge * largest * identity, (targets - start)[:, None]).solution[:, 0]
            right = ((test.T @ alpha + add > 0) == (gold == 1)).double().mean()
            print(f"SGD kernel, ridge {ridge}, f0 {'left out' if scale is None else 'by 1/10'}: {right:.3f}")


def measure(model_directory, data, train_limit, test_limit, rows):
    tokenizer = AutoTokenizer.from_pretrained(model_directory)
    model = AutoModelForCausalLM.from_pretrained(model_directory, attn_implementation="eager", dtype=torch.float32)
    gradients = Gradients(model, tokenizer)
    texts, labels = read_split(data, "train", train_limit)
    test_texts, gold = read_split(data, "test", test_limit)
    n, m = len(texts), len(test_texts)
    # Of training examples, then test sentences, which are the columns.
    f0 = torch.zeros(n + m, dtype=torch.float64)
    kernel = torch.zeros(n, n + m, dtype=torch.float64)
    # Test sentences that all training examples have met.
    seen = 0
    try:
        for first in range(0, n, rows):
            kept = []
            for i, text in list(enumerate(texts + test_texts))[first:]:
                row = gradients(text)
                f0[i] = row[0]
                if i < min(first + rows, n):
                    kept.append((*row[:2], [g.bfloat16() for g in row[2]], *row[3:]))
                column = torch.tensor([inner(k, row) for k in kept], dtype=torch.float64)
                kernel[first : first + len(kept), i] = column
                if i < n:
                    kernel[i, first : first + len(kept)] = column
                elif first + rows >= n:
                    seen = i - n + 1
                # It is gone before the next one is computed.
                del row
                print(f"rows {first + 1} to {first + len(kept)} of {n}: {i + 1} of {n + m} sentences", end="\r", flush=True)
    except KeyboardInterrupt:
        print(f"\nInterrupted: of the first {seen} test sentences only.")
    if seen == 0:
        return
    print()
    gold = gold[:seen]
    f0_train, f0_test = f0[:n], f0[n : n + seen]
    print(f"majority: {max(gold.double().mean(), 1 - gold.double().mean()):.3f}")
    print(f"zero-shot: {((f0_test > 0) == (gold == 1)).double().mean():.3f}")
    accuracies(kernel[:, :n], kernel[:, n : n + seen], f0_train, f0_test, labels, gold)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["data", "measure"])
    parser.add_argument("source", type=Path, help="LM-BFF's SST-2 directory, or the model's")
    parser.add_argument("data", type=Path, help="the directory that is made or read")
    parser.add_argument("--train", type=int, default=32)
    parser.add_argument("--test", type=int, default=200)
    parser.add_argument("--rows", type=int, default=8, help="training examples whose gradients are in memory at once")
    options = parser.parse_args()
    if options.command == "data":
        make_data(options.source, options.data)
    else:
        measure(options.source, options.data, options.train, options.test, options.rows)
