"""Seconds of a forward pass in PyTorch: the masked LM's logits at the mask, 32 sequences of 64 tokens by default.

`--head vocabulary` gives all of the vocabulary's logits at the mask, `label-words` those of the label words only.
Prints the median of `--repeats` passes after one that is not counted; `--save` writes the label words' logits.
"""

import statistics
from pathlib import Path

import numpy as np
import torch

import peer_common as common


def main() -> None:
    options = common.parser(__doc__.split("\n")[0])
    options.set_defaults(n=32, m=0, min_tokens=64, max_tokens=64)
    options.add_argument("--head", choices=("vocabulary", "label-words"), default="vocabulary")
    options.add_argument("--attention", choices=("sdpa", "eager"), default="sdpa")
    options.add_argument("--repeats", type=int, default=7)
    options.add_argument("--save", type=Path, help="write the label words' logits [n, c] as .npy")
    args = options.parse_args()
    common.prepare(args)

    model = common.load_model(args, args.attention)
    examples, _, label_ids = common.load_inputs(args, model.config.vocab_size)
    batch = common.pad(examples)
    mask = None if bool(batch.real.all()) else batch.additive_mask()
    rows = torch.arange(len(examples))
    decoder = model.lm_head.decoder

    def run() -> torch.Tensor:
        hidden = model.roberta(batch.ids, attention_mask=mask).last_hidden_state[rows, batch.position]
        if args.head == "vocabulary":
            return model.lm_head(hidden)[:, label_ids]
        features = model.lm_head.layer_norm(torch.nn.functional.gelu(model.lm_head.dense(hidden)))
        return torch.nn.functional.linear(features, decoder.weight[label_ids], decoder.bias[label_ids])

    seconds = []
    with torch.inference_mode():
        logits = run()
        for _ in range(args.repeats):
            with common.Timer() as timer:
                run()
            seconds.append(timer.seconds)

    if args.save is not None:
        np.save(args.save, logits.numpy())
    common.report(
        "forward", args, statistics.median(seconds), n=len(examples), m=0, tokens=int(batch.real.sum()),
        head=args.head, repeats=args.repeats, fastest=round(min(seconds), 6),
    )


if __name__ == "__main__":
    main()
