"""Kernels as a PyTorch 2 user would write them first: torch.func per-example Jacobians, then their Gram matrix.

`vmap(jacrev(functional_call))` over a padded chunk gives every parameter's gradient of every logit of every example,
[n, c, *shape]; chunks are contracted parameter by parameter. A Jacobian of RoBERTa-base with two logits is 1.3 GB per
example (the decoder is not tied), so the training examples' Jacobians are kept as far as `--memory` allows, and the
queries' are recomputed for each such block: that is the price of the method, not of this program. One thing is done
better than the very first draft: the head runs on the mask's row only.
"""

import torch
from torch.func import functional_call, jacrev, vmap

import peer_common as common

PIECE = 2**18


def main() -> None:
    options = common.kernel_parser(__doc__.split("\n")[0], ("sgd", "signgd"))
    options.add_argument("--memory", type=float, default=12, help="GB that Jacobians may take")
    options.add_argument("--train-chunk", type=int, help="training examples per block (default: by --memory)")
    options.add_argument("--query-chunk", type=int, default=2, help="queries per chunk")
    args = options.parse_args()
    common.prepare(args)

    model = common.untied_model(args)
    train, query, label_ids = common.load_inputs(args, model.config.vocab_size)
    function = common.LabelWordLogits(model, label_ids, args.binary).eval()
    parameters = {name: p.detach() for name, p in function.named_parameters()}
    names = list(parameters)
    if args.formula == "signgd" and not args.key_bias_noise:
        names = common.without_key_bias(names)
    wanted = {name: parameters[name] for name in names}
    rest = {name: p for name, p in parameters.items() if name not in wanted}
    logits = 1 if args.binary else len(label_ids)

    def one(wanted: dict, ids: torch.Tensor, mask: torch.Tensor, position: torch.Tensor) -> torch.Tensor:
        return functional_call(function, {**wanted, **rest}, (ids[None], mask[None], position[None]))[0]

    jacobian = vmap(jacrev(one), in_dims=(None, 0, 0, 0))
    length = max(len(e.ids) for e in train + query)

    def jacobians(examples: list[common.Example]) -> dict[str, torch.Tensor]:
        batch = common.pad(examples, length)
        result = jacobian(wanted, batch.ids, batch.additive_mask(), batch.position)
        return {name: j.sign_() for name, j in result.items()} if args.formula == "signgd" else result

    per_example = 4 * logits * sum(p.numel() for p in wanted.values())
    # Beside the block being kept: the query chunk's Jacobians, and as much again while a chunk is computed.
    block = args.train_chunk or max(1, int(args.memory * 1e9 / per_example) - 2 * args.query_chunk)
    kernel = torch.zeros(len(train), logits, len(query), logits, dtype=torch.float64)

    with common.Timer() as timer:
        for i in range(0, len(train), block):
            rows = concatenate([jacobians([e]) for e in train[i : i + block]])
            for k in range(0, len(query), args.query_chunk):
                columns = jacobians(query[k : k + args.query_chunk])
                kernel[i : i + block, :, k : k + args.query_chunk] = contract(rows, columns)
                del columns
            del rows

    common.save_kernel(args.save, kernel)
    common.report(
        "torch-func", args, timer.seconds, n=len(train), m=len(query), logits=logits, formula=args.formula,
        train_block=block, query_chunk=args.query_chunk, tokens=sum(len(e.ids) for e in train + query),
    )


def concatenate(parts: list[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """Along the examples, one parameter at a time, each part let go as it is copied."""
    return {name: torch.cat([part.pop(name) for part in parts]) for name in list(parts[0])}


def contract(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> torch.Tensor:
    """Sum over parameters of the products of [n, c, …] and [m, c', …]: [n, c, m, c']."""
    (n, c), (m, d) = next(iter(a.values())).shape[:2], next(iter(b.values())).shape[:2]
    total = torch.zeros(n * c, m * d, dtype=torch.float64)
    for name, left in a.items():
        left, right = left.reshape(n * c, -1), b[name].reshape(m * d, -1)
        # One float32 product over 38 million columns is off by 2e-5; pieces added up in float64 are not, at no cost.
        for x, y in zip(left.split(PIECE, dim=1), right.split(PIECE, dim=1)):
            total += (x @ y.T).to(torch.float64)
    return total.reshape(n, c, m, d)


if __name__ == "__main__":
    main()
