"""Kernels by the paper authors' algorithm: one Jacobian-vector product for every (train, logit) and every query.

For a chunk of training examples the gradients of all logits are formed by vector-Jacobian products; then, under two
`vmap`s over (example, logit), the queries' logits are differentiated along each of them in forward mode:

    K(n, c; m, c') = d/dε f_c'(ξ_m; θ + ε ∇f_c(ξ_n))

so that a kernel costs N · C · M forward passes in forward mode with tangents of the size of the model. SGD and, with
sign ∇f as the tangent, A-SignGD. What functorch had then is `torch.func` now. The chunk of training examples is
memory's: the tangents of one (train, logit) of RoBERTa-base are 0.65 GB. Chunks of one pair are what the authors' script
asks for, which pads to 128 tokens besides (`--length 128`).
"""

import torch
from torch.func import functional_call, jacrev, jvp, vmap

import peer_common as common


def main() -> None:
    options = common.kernel_parser(__doc__.split("\n")[0], ("sgd", "a-signgd"))
    options.add_argument("--train-chunk", type=int, default=1, help="training examples per block of tangents")
    options.add_argument("--query-chunk", type=int, default=1, help="queries per forward-mode pass")
    options.add_argument("--length", type=int, help="tokens to pad to (default: the longest of a chunk)")
    args = options.parse_args()
    common.prepare(args)

    model = common.untied_model(args)
    train, query, label_ids = common.load_inputs(args, model.config.vocab_size)
    function = common.LabelWordLogits(model, label_ids, args.binary).eval()
    parameters = {name: p.detach() for name, p in function.named_parameters()}
    names = list(parameters)
    if args.formula == "a-signgd" and not args.key_bias_noise:
        names = common.without_key_bias(names)
    wanted = {name: parameters[name] for name in names}
    rest = {name: p for name, p in parameters.items() if name not in wanted}
    logits = 1 if args.binary else len(label_ids)

    def on(examples: list[common.Example]):
        batch = common.pad(examples, args.length)
        inputs = (batch.ids, batch.additive_mask(), batch.position)
        return lambda wanted: functional_call(function, {**wanted, **rest}, inputs)

    kernel = torch.zeros(len(train), logits, len(query), logits, dtype=torch.float64)
    with common.Timer() as timer:
        for i in range(0, len(train), args.train_chunk):
            tangents = jacrev(on(train[i : i + args.train_chunk]))(wanted)
            if args.formula == "a-signgd":
                tangents = {name: t.sign_() for name, t in tangents.items()}
            for k in range(0, len(query), args.query_chunk):
                queries = on(query[k : k + args.query_chunk])

                def along(tangent: dict[str, torch.Tensor]) -> torch.Tensor:
                    return jvp(queries, (wanted,), (tangent,))[1]

                block = vmap(vmap(along))(tangents)
                kernel[i : i + args.train_chunk, :, k : k + args.query_chunk] = block.to(torch.float64)
            del tangents

    common.save_kernel(args.save, kernel)
    common.report(
        "functorch-pairs", args, timer.seconds, n=len(train), m=len(query), logits=logits, formula=args.formula,
        train_chunk=args.train_chunk, query_chunk=args.query_chunk, length=args.length, tokens=sum(len(e.ids) for e in train + query),
    )


if __name__ == "__main__":
    main()
