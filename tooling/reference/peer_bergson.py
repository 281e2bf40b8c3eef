"""Scores of queries against training examples with bergson's own collector and scorer, its projection off.

It covers the weights of linear layers only: no biases, no embeddings, no decoder (a kernel needs two of its rows), and
not the training examples among themselves. Gradients of the training examples are collected whole and kept, 11 GB for
32 of them at RoBERTa-base's shape; queries are scored as their backward passes run. Batches are made as in bergson's own
programs, and the same parameters require gradients. A batch has at most 512 tokens by default, where bergson's programs
take 2,048, because gradients of that many need more than 24 GB here. The output is the difference of the two label words.

`--check` computes the same scores from whole gradients in float64, and prints the relative error, or fails above 1e-4.
Needs bergson, and the packages of peer_common.py.
"""

import sys
from importlib import metadata

import torch
from torch import Tensor

import peer_common as common

TOLERANCE = 1e-4


class RowLogits(common.LabelWordLogits):
    """`LabelWordLogits` whose head sees [n, 1, d]: the collector's hooks expect a sequence."""

    def forward(self, ids: Tensor, mask: Tensor | None, position: Tensor) -> Tensor:
        hidden = self.model.roberta(ids, attention_mask=mask).last_hidden_state
        row = torch.gather(hidden, 1, position[:, None, None].expand(-1, 1, hidden.shape[-1]))
        logits = self.model.lm_head(row)[:, 0].index_select(1, self.label_ids)
        return logits[:, 1:] - logits[:, :1] if self.binary else logits


def collect(function: RowLogits, examples: list[common.Example], tokens: int, collector) -> None:
    """Runs all examples through the model, with the collector's hooks on it."""
    from bergson.data import allocate_batches

    for indices in allocate_batches([len(e.ids) for e in examples], tokens):
        batch = common.pad([examples[i] for i in indices])
        with collector.with_batch(batch.real):
            value = function(batch.ids, batch.additive_mask(), batch.position)[:, 0]
            value.sum().backward()
        collector.process_batch(indices, losses=value)
        function.zero_grad(set_to_none=True)
    collector.teardown()


def scores(function: RowLogits, train: list[common.Example], query: list[common.Example], tokens: int) -> Tensor:
    """[n, m] in float32."""
    from bergson import GradientProcessor, IndexConfig, InMemoryCollector, Scorer
    from bergson.score.score_writer import InMemorySequenceScoreWriter

    def collector(examples: list[common.Example], scorer: Scorer | None = None) -> InMemoryCollector:
        return InMemoryCollector(
            model=function.model,
            data=examples,  # it asks for their number only
            cfg=IndexConfig(run_path="unused", projection_dim=0),
            processor=GradientProcessor(projection_dim=None, include_bias=False),
            filter_modules="*decoder*",
            scorer=scorer,
        )

    function.model.requires_grad_(False)
    function.model.get_input_embeddings().requires_grad_(True)  # without it no backward hook is called
    kept = collector(train)
    collect(function, train, tokens, kept)
    writer = InMemorySequenceScoreWriter(len(query), len(train))
    modules = list(kept.gradients)
    scored = collector(query, Scorer(kept.gradients, modules, writer, torch.device("cpu"), torch.float32))
    collect(function, query, tokens, scored)
    return scored.scores.T


def reference(function: RowLogits, train: list[common.Example], query: list[common.Example]) -> Tensor:
    """The same scores from whole gradients in float64."""
    names = [
        f"{name}.weight"
        for name, module in function.model.named_modules()
        if isinstance(module, torch.nn.Linear) and "decoder" not in name
    ]
    weights = dict(function.double().requires_grad_(True).model.named_parameters())

    def gradients(examples: list[common.Example]) -> Tensor:
        rows = []
        for example in examples:
            batch = common.pad([example])
            value = function(batch.ids, None, batch.position)[0, 0]
            rows.append(torch.cat([g.flatten() for g in torch.autograd.grad(value, [weights[n] for n in names])]))
        return torch.stack(rows)

    return gradients(train) @ gradients(query).T


def main() -> None:
    options = common.kernel_parser(__doc__.split("\n")[0], ("sgd",))
    options.add_argument("--tokens", type=int, default=512, help="padded tokens of a batch, at most")
    options.add_argument("--check", action="store_true", help="compare with whole gradients")
    args = options.parse_args()
    common.prepare(args)
    model = common.untied_model(args)
    train, query, label_ids = common.load_inputs(args, model.config.vocab_size)
    function = RowLogits(model, label_ids, binary=True)
    with common.Timer() as timer:
        found = scores(function, train, query, args.tokens)
    more = {}
    if args.check:
        expected = reference(function, train, query)
        more["relative_error"] = float((found - expected).norm() / expected.norm())
        if not more["relative_error"] <= TOLERANCE:
            sys.exit(f"bergson's scores differ from whole gradients by {more['relative_error']:.1e}, expected {TOLERANCE}")
    common.save_kernel(args.save, found[:, None, :, None])
    common.report(
        "bergson", args, timer.seconds, n=len(train), m=len(query), logits=1, formula="sgd",
        bergson=metadata.version("bergson"), **more,
    )


if __name__ == "__main__":
    main()
