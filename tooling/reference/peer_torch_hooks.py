"""Kernels as a PyTorch expert would compute them: captured activations and cotangents, contracted layer by layer.

One forward pass per batch and one backward pass per logit (peer_factors.py) leave, for every linear layer, inputs a and
output cotangents g. Their contribution to the kernel is, whichever is estimated to be faster from FLOPs and from rates
measured at the start,

    gram      Σ_{t,t'} (a_t·a'_t') (g_t·g'_t')      two products over all pairs of tokens, no gradient is formed
    gradient  ⟨Σ_t g_t a_tᵀ, Σ_t' g'_t' a'_t'ᵀ⟩     per-example gradients of a slice of rows, one product, dropped

Like ours, it computes the kernel of the training examples among themselves (one triangle of batches) and against the
queries. Sign kernels form the gradients, and multiply their signs as int8 or float32, whichever is faster here (both exact).
Embeddings are matched by id, LayerNorms, biases and the decoder's label rows are vectors, and what follows the last
attention has rank one. Examples are sorted by length; factors are kept for as many as fit in `--memory`, and a
block of queries is computed again only if there is more than one block of training examples.
"""

import time

import torch
from torch import Tensor

import peer_common as common
from peer_factors import FactorModel, Factors, Linear, Rows
from peer_neox import NeoxFactorModel

SLICE_BYTES = 32 * 2**20
SLICE_COLUMNS = 2**18  # longer float32 products lose digits: 1e-5 over 2 million columns


class Rates:
    """FLOP/s of the three kinds of product, measured on shapes like those to come."""

    def __init__(self, width: int, tokens: int, columns: int):
        rows, x = torch.randn(16 * tokens, width), torch.randn(8, tokens, width)
        flat, other = torch.randn(32, 64 * width), torch.randn(columns, 64 * width)
        self.gram = self._rate(lambda: rows @ rows.T, 2 * (16 * tokens) ** 2 * width)
        self.form = self._rate(lambda: torch.bmm(x.transpose(1, 2)[:, :64], x), 2 * 8 * 64 * tokens * width)
        self.multiply = self._rate(lambda: flat @ other.T, 2 * 32 * columns * 64 * width)
        signs, others = flat.sign().to(torch.int8), other.sign().to(torch.int8)
        self.int8 = self._rate(lambda: torch._int_mm(signs, others.T), 2 * 32 * columns * 64 * width)

    @staticmethod
    def _rate(run, flops: float) -> float:
        run()
        start = time.perf_counter()
        for _ in range(3):
            run()
        return 3 * flops / (time.perf_counter() - start)


class Contraction:
    def __init__(self, sign: bool, plan: str, sign_product: str, key_bias: bool, model: FactorModel):
        output, self.bias = model.output, 1 if model.decoder_bias else 0
        self.sign, self.plan, self.sign_product, self.key_bias = sign, plan, sign_product, key_bias
        self.output = output
        self.rates: Rates | None = None
        self.plans: dict[str, int] = {}

    @torch.no_grad()
    def __call__(self, train: list[Factors], query: list[Factors], among: bool) -> Tensor:
        """[n, c, m, c'] in float64, summed over all parameters; with `among`, `query` begins with all of `train`."""
        self.shared = len(train) if among else 0
        n, m, c = sum(f.count for f in train), sum(f.count for f in query), self.output.shape[0]
        if self.rates is None:
            width = train[0].linears[0].inputs.shape[-1]
            self.rates = Rates(width, train[0].linears[0].inputs.shape[1], m * c)
        kernel = torch.zeros(n, c, m, c, dtype=torch.float64)
        for site in range(len(train[0].linears)):
            left, right = [f.linears[site] for f in train], [f.linears[site] for f in query]
            kernel += self._linear(left, right, n, m, c)
        for table in range(len(train[0].tables)):
            self._blockwise(kernel, train, query, lambda a, b: self._rows(a.tables[table], b.tables[table]))
        for name in ("vectors", "key_biases") if self.key_bias else ("vectors",):
            left, right = (self._signed(torch.cat([getattr(f, name) for f in side])) for side in (train, query))
            kernel += (left.flatten(0, 1) @ right.flatten(0, 1).T).reshape(n, c, m, c)
        kernel += self._decoder(train, query)
        sizes = [f.count for f in train[: self.shared]]
        for i, p in enumerate(sizes):
            for k, q in enumerate(sizes[:i]):
                low, high = sum(sizes[:i]), sum(sizes[:k])
                kernel[low : low + p, :, high : high + q] = kernel[high : high + q, :, low : low + p].permute(2, 3, 0, 1)
        return kernel

    def _signed(self, x: Tensor) -> Tensor:
        return x.sign() if self.sign else x

    def _blockwise(self, kernel: Tensor, train: list[Factors], query: list[Factors], block) -> None:
        i = 0
        for a in train:
            k = 0
            for b in query:
                kernel[i : i + a.count, :, k : k + b.count] += block(a, b)
                k += b.count
            i += a.count

    def _decoder(self, train: list[Factors], query: list[Factors]) -> Tensor:
        """Decoder rows and biases of the label words: an output's gradient is its weight in `output` times the row."""
        weights = self._signed(self.output).to(torch.float64)
        left, right = (self._signed(torch.cat([f.head_row for f in side])) for side in (train, query))
        return torch.einsum("nm,cd->ncmd", (left @ right.T).to(torch.float64) + self.bias, weights @ weights.T)

    def _rows(self, a: Rows, b: Rows) -> Tensor:
        (n, c, u, d), (m, _, v, _) = a.values.shape, b.values.shape
        products = self._signed(a.values).reshape(-1, d) @ self._signed(b.values).reshape(-1, d).T
        same = (a.ids[:, :, None, None] == b.ids) & (a.ids >= 0)[:, :, None, None]
        return (products.view(n, c, u, m, c, v) * same[:, None, :, :, None, :]).sum((2, 5))

    def _linear(self, left: list[Linear], right: list[Linear], n: int, m: int, c: int) -> Tensor:
        d_in, d_out = left[0].inputs.shape[-1], left[0].cotangents.shape[-1]
        s, t = (sum(site.inputs.shape[0] * site.inputs.shape[1] for site in side) for side in (left, right))
        pairs, formed = (s * (t - s / 2), t) if self.shared else (s * t, s + t)
        gram = 2 * pairs * (d_in + c * c * d_out) / self.rates.gram
        form = 2 * c * formed * d_in * d_out / self.rates.form
        gradient = form + 2 * c * c * n * m * d_in * d_out / self.rates.multiply
        rank_one = left[0].inputs.shape[1] == 1 and right[0].inputs.shape[1] == 1
        use_gram = rank_one or (not self.sign and (self.plan == "gram" or (self.plan == "auto" and gram < gradient)))
        name = "gram" if use_gram else "gradient"
        self.plans[name] = self.plans.get(name, 0) + 1
        return self._gram(left, right, n, m, c) if use_gram else self._gradient(left, right, n, m, c)

    def _gram(self, left: list[Linear], right: list[Linear], n: int, m: int, c: int) -> Tensor:
        """For rank one this is exact for signs too: sign(g aᵀ) = sign(g) sign(a)ᵀ."""
        kernel = torch.zeros(n, c, m, c, dtype=torch.float64)
        i = 0
        for index, a in enumerate(left):
            p, s = a.inputs.shape[:2]
            x, g = self._signed(a.inputs).flatten(0, 1), self._signed(a.cotangents).flatten(0, 2)
            k = 0
            for other, b in enumerate(right):
                q, t = b.inputs.shape[:2]
                if other < min(index, self.shared):
                    k += q
                    continue
                inputs = x @ self._signed(b.inputs).flatten(0, 1).T
                both = (g @ self._signed(b.cotangents).flatten(0, 2).T).view(p, c, s, q, c, t)
                both *= inputs.view(p, 1, s, q, 1, t)
                kernel[i : i + p, :, k : k + q] = both.sum((2, 5))
                k += q
            i += p
        return kernel

    def _gradient(self, left: list[Linear], right: list[Linear], n: int, m: int, c: int) -> Tensor:
        d_in, d_out = left[0].inputs.shape[-1], left[0].cotangents.shape[-1]
        integer = self.sign and (
            self.sign_product == "int8" or (self.sign_product == "auto" and self.rates.int8 > self.rates.multiply)
        )
        rows = max(1, min(SLICE_BYTES // (4 * d_in * c * max(n, m)), SLICE_COLUMNS // d_in))
        kernel = torch.zeros(n * c, m * c, dtype=torch.float64)
        b = torch.empty(m * c, rows * d_in, dtype=torch.int8 if integer else torch.float32)
        a = b[: n * c] if self.shared else torch.empty(n * c, rows * d_in, dtype=b.dtype)
        for start in range(0, d_out, rows):
            used = (min(rows, d_out - start)) * d_in
            for side, out in ((right, b),) if self.shared else ((left, a), (right, b)):
                self._form(side, out[:, :used], start, start + rows, c)
            x, y = a[:, :used], b[:, :used].T
            kernel += torch._int_mm(x, y) if integer else x @ y
        return kernel.reshape(n, c, m, c)

    def _form(self, side: list[Linear], out: Tensor, start: int, stop: int, c: int) -> None:
        i = 0
        for site in side:
            n, t, d_in = site.inputs.shape
            g = site.cotangents[..., start:stop]
            for j in range(n):
                gradient = torch.matmul(g[j].transpose(1, 2), site.inputs[j])
                if self.sign:
                    gradient.sign_()
                out[(i + j) * c : (i + j + 1) * c] = gradient.reshape(c, -1)
            i += n


def bytes_per_token(config, logits: int) -> int:
    d, inner = config.hidden_size, config.intermediate_size
    return 4 * config.num_hidden_layers * ((3 * d + inner) + logits * (5 * d + inner))


def blocks(examples: list[common.Example], batch: int, tokens: int) -> list[list[list[int]]]:
    """Indices by length, in batches, in blocks of at most `tokens` padded tokens (and at least one batch)."""
    order = sorted(range(len(examples)), key=lambda i: len(examples[i].ids))
    result: list[list[list[int]]] = []
    room = 0
    for start in range(0, len(order), batch):
        indices = order[start : start + batch]
        size = len(indices) * max(len(examples[i].ids) for i in indices)
        if not result or size > room:
            result.append([])
            room = tokens
        result[-1].append(indices)
        room -= size
    return result


def main() -> None:
    options = common.kernel_parser(__doc__.split("\n")[0], ("sgd", "signgd"))
    options.add_argument("--memory", type=float, default=3, help="GB that factors may take")
    options.add_argument("--batch", type=int, default=16, help="examples per forward pass")
    options.add_argument("--plan", choices=("auto", "gram", "gradient"), default="auto", help="for linear layers, SGD")
    options.add_argument("--sign-product", choices=("auto", "int8", "float"), default="auto")
    args = options.parse_args()
    common.prepare(args)

    model = common.untied_model(args)
    train, query, label_ids = common.load_inputs(args, model.config.vocab_size)
    kind = NeoxFactorModel if model.config.model_type == "gpt_neox" else FactorModel
    function = kind(model, label_ids, args.binary)
    logits = function.output.shape[0]
    sign = args.formula == "signgd"
    contraction = Contraction(sign, args.plan, args.sign_product, not sign or args.key_bias_noise, function)
    room = int(args.memory * 1e9 / 2 / bytes_per_token(model.config, logits))
    kernel = torch.zeros(len(train), logits, len(query), logits, dtype=torch.float64)
    own = torch.zeros(len(train), logits, len(train), logits, dtype=torch.float64)
    features = 0.0

    def factors(examples: list[common.Example], block: list[list[int]]) -> list[Factors]:
        nonlocal features
        start = time.perf_counter()
        result = [function(common.pad([examples[i] for i in indices])) for indices in block]
        features += time.perf_counter() - start
        return result

    with common.Timer() as timer:
        train_blocks = blocks(train, args.batch, room)

        def put(target: Tensor, rows: Tensor, columns: Tensor, part: Tensor) -> None:
            for c in range(logits):
                for d in range(logits):
                    target[rows[:, None], c, columns, d] = part[:, c, :, d]

        for i, train_block in enumerate(train_blocks):
            left = factors(train, train_block)
            rows = torch.tensor(sum(train_block, []))
            others = [(train, own, block) for block in train_blocks[i + 1 :]]
            for k, (examples, target, block) in enumerate(others + [(query, kernel, b) for b in blocks(query, args.batch, room)]):
                columns = torch.tensor(sum(block, []))
                right = factors(examples, block)
                among = k == 0
                part = contraction(left, left + right if among else right, among)
                if among:
                    put(own, rows, rows, part[:, :, : len(rows)])
                    part = part[:, :, len(rows) :]
                put(target, rows, columns, part)
                if target is own:
                    put(own, columns, rows, part.permute(2, 3, 0, 1))
            del left

    common.save_kernel(args.save, kernel)
    if args.save is not None:
        common.save_kernel(args.save.with_name(args.save.stem + "-train.npy"), own)
    common.report(
        "torch-hooks", args, timer.seconds, n=len(train), m=len(query), logits=logits, formula=args.formula,
        features_seconds=round(features, 6), plans=contraction.plans, tokens=sum(len(e.ids) for e in train + query),
    )


if __name__ == "__main__":
    main()
