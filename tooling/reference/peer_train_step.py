"""Seconds and peak memory of one prompted fine-tuning step in PyTorch: all parameters, or LoRA, with Adam.

The loss is the cross-entropy of the label words' logits at the mask, the head on the mask's row only; the decoder is
tied to the word embeddings as transformers ties them (`--untied`: a parameter of its own). `--space lora` is PEFT's,
on query and value, as PEFT does by default (α = 16, head frozen). Dropout is off unless asked for, so that losses can
be compared between programs: the k-th training example has label k mod labels.

Prints the median step after `--warm-up` steps, and the losses of all. Peak memory is that of the whole process.
"""

import statistics

import torch
import torch.nn.functional as F
from torch import nn

import peer_common as common


def add_lora(model: nn.Module, rank: int) -> nn.Module:
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(r=rank, lora_alpha=16, target_modules=["query", "value"], lora_dropout=0.0)
    return get_peft_model(model, config).base_model.model


def set_dropout(model: nn.Module, probability: float) -> None:
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = probability
        if hasattr(module, "dropout_prob"):
            module.dropout_prob = probability


def main() -> None:
    options = common.parser(__doc__.split("\n")[0])
    options.set_defaults(n=8, m=0, min_tokens=48, max_tokens=48)
    options.add_argument("--space", choices=("full", "lora"), default="full")
    options.add_argument("--rank", type=int, default=8, help="of LoRA")
    options.add_argument("--untied", action="store_true", help="the decoder is a parameter of its own")
    options.add_argument("--adam", choices=("default", "foreach", "fused"), default="fused", help="implementation of Adam")
    options.add_argument("--lr", type=float, default=1e-5)
    options.add_argument("--dropout", type=float, default=0.0)
    options.add_argument("--attention", choices=("sdpa", "eager"), default="sdpa")
    options.add_argument("--warm-up", type=int, default=2)
    options.add_argument("--steps", type=int, default=5)
    args = options.parse_args()
    common.prepare(args)

    model = (common.untied_model if args.untied else common.load_model)(args, args.attention)
    train, _, label_ids = common.load_inputs(args, model.config.vocab_size)
    if args.space == "lora":
        model = add_lora(model, args.rank)
    function = common.LabelWordLogits(model, label_ids, binary=False).train()
    set_dropout(function, args.dropout)
    trainable = [p for p in function.parameters() if p.requires_grad]
    implementation = {"default": {}, "foreach": {"foreach": True}, "fused": {"fused": True}}[args.adam]
    optimizer = torch.optim.Adam(trainable, lr=args.lr, **implementation)
    batch = common.pad(train)
    mask = None if bool(batch.real.all()) else batch.additive_mask()
    labels = torch.arange(len(train)) % len(label_ids)

    seconds, losses = [], []
    for _ in range(args.warm_up + args.steps):
        with common.Timer() as timer:
            optimizer.zero_grad(set_to_none=True)
            loss = F.cross_entropy(function(batch.ids, mask, batch.position), labels)
            loss.backward()
            optimizer.step()
        seconds.append(timer.seconds)
        losses.append(loss.item())

    measured = seconds[args.warm_up :]
    common.report(
        f"train-step-{args.space}", args, statistics.median(measured), n=len(train), m=0,
        tokens=int(batch.real.sum()), steps=args.steps, fastest=round(min(measured), 6), losses=losses,
        trainable=sum(p.numel() for p in trainable), adam=args.adam, dropout=args.dropout, tied=not args.untied,
        rank=args.rank if args.space == "lora" else None,
    )


if __name__ == "__main__":
    main()
