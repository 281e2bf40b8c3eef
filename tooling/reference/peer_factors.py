"""Per-example gradient factors of a RoBERTa masked LM: one forward pass, one backward pass per logit.

The forward pass is written out on the model's own weights, so that every output of a linear layer, of a LayerNorm and of
the embeddings is a tensor that `autograd.grad` can be asked about; weights need no gradient and get none. A layer
y = W a + b with cotangent g at y has, for one example and one logit, the gradient Σ_t g_t a_tᵀ. After the last attention
only the mask's row has a cotangent, so from there on only that row is computed.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import RobertaForMaskedLM

from peer_common import Batch


@dataclass(frozen=True)
class Linear:
    """inputs [n, t, d_in], cotangents [n, c, t, d_out]; padding has cotangent 0."""

    inputs: Tensor
    cotangents: Tensor


@dataclass(frozen=True)
class Rows:
    """An embedding table's sparse gradient: row `ids[n, u]` has gradient `values[n, c, u, d]`; id -1 is no row."""

    ids: Tensor
    values: Tensor


@dataclass(frozen=True)
class Factors:
    linears: list[Linear]
    tables: list[Rows]
    vectors: Tensor
    """[n, c, v]: gradients of all biases, LayerNorm scales and shifts (that of key biases apart)."""
    key_biases: Tensor
    """[n, c, v]: gradients of the key biases, 0 but for rounding."""
    head_row: Tensor
    """[n, d]: the head's last hidden row, which is the gradient of a label word's decoder row."""

    @property
    def count(self) -> int:
        return self.head_row.shape[0]


class FactorModel:
    """The forward pass, written out. `output` [c, labels] maps label-word logits to outputs."""

    decoder_bias = True

    def __init__(self, model: RobertaForMaskedLM, label_ids: list[int], binary: bool):
        self.model = model.requires_grad_(False)
        self.config = model.config
        self.label_ids = torch.tensor(label_ids)
        self.output = torch.tensor([[-1.0, 1.0]]) if binary else torch.eye(len(label_ids))
        attention = [layer.attention.self for layer in model.roberta.encoder.layer]
        self.packed = [self._pack(a) for a in attention]

    @staticmethod
    def _pack(attention) -> tuple[Tensor, Tensor]:
        parts = (attention.query, attention.key, attention.value)
        return torch.cat([p.weight for p in parts]), torch.cat([p.bias for p in parts])

    def __call__(self, batch: Batch) -> Factors:
        trace = _Trace(self.model.config.layer_norm_eps)
        logits, embedded, head_row = self._forward(batch, trace)
        outputs = logits @ self.output.T
        grads: list[list[Tensor]] = [[] for _ in trace.outputs]
        for c in range(outputs.shape[1]):
            last = c == outputs.shape[1] - 1
            for site, g in zip(grads, torch.autograd.grad(outputs[:, c].sum(), trace.outputs, retain_graph=not last)):
                site.append(g)
        cotangents = [torch.stack(g, dim=1) for g in grads]
        return self._collect(batch, trace, cotangents, head_row.detach())

    def _forward(self, batch: Batch, trace: "_Trace") -> tuple[Tensor, Tensor, Tensor]:
        roberta, heads = self.model.roberta, self.config.num_attention_heads
        n, t = batch.ids.shape
        embeddings = roberta.embeddings
        positions = batch.real.cumsum(1) * batch.real + embeddings.padding_idx
        summed = (
            embeddings.word_embeddings.weight[batch.ids]
            + embeddings.position_embeddings.weight[positions]
            + embeddings.token_type_embeddings.weight[0]
        ).requires_grad_(True)
        trace.outputs.append(summed)
        trace.kinds.append(("embeddings", positions))
        x = trace.layer_norm(summed, embeddings.LayerNorm)
        mask = None if bool(batch.real.all()) else batch.real[:, None, None, :]
        row = batch.position[:, None, None]

        layers = roberta.encoder.layer
        for i, layer in enumerate(layers):
            weight, bias = self.packed[i]
            d = x.shape[-1]
            if i < len(layers) - 1:
                q, k, v = trace.linear(x, weight, bias, "qkv").split(d, dim=-1)
            else:
                k, v = trace.linear(x, weight[d:], bias[d:], "kv").split(d, dim=-1)
                x = torch.gather(x, 1, row.expand(n, 1, d))
                q = trace.linear(x, weight[:d], bias[:d], "linear")
            q, k, v = (z.view(n, -1, heads, d // heads).transpose(1, 2) for z in (q, k, v))
            context = F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).reshape(n, -1, d)
            attention = layer.attention.output
            x = trace.layer_norm(trace.linear(context, attention.dense.weight, attention.dense.bias) + x, attention.LayerNorm)
            inner = F.gelu(trace.linear(x, layer.intermediate.dense.weight, layer.intermediate.dense.bias))
            outer = trace.linear(inner, layer.output.dense.weight, layer.output.dense.bias)
            x = trace.layer_norm(outer + x, layer.output.LayerNorm)
        head = self.model.lm_head
        h = trace.layer_norm(F.gelu(trace.linear(x, head.dense.weight, head.dense.bias)), head.layer_norm)[:, 0]
        decoder = head.decoder.weight[self.label_ids]
        return h @ decoder.T + head.bias[self.label_ids], summed, h

    @torch.no_grad()
    def _collect(self, batch: Batch, trace: "_Trace", cotangents: list[Tensor], head_row: Tensor) -> Factors:
        linears, tables, vectors, key_biases = [], [], [], []
        for (kind, saved), g in zip(trace.kinds, cotangents):
            if kind == "words":
                tables.append(_sum_rows(torch.where(batch.real, batch.ids, -1), g))
            elif kind == "embeddings":
                token_type = torch.where(batch.real, 0, -1)
                word, position = (torch.where(batch.real, ids, -1) for ids in (batch.ids, saved))
                tables += [_sum_rows(ids, g) for ids in (word, position, token_type)]
            elif kind == "layer_norm":
                vectors += [torch.einsum("nctd,ntd->ncd", g, saved), g.sum(2)]
            else:
                linears.append(Linear(saved, g))
                bias = g.sum(2)
                if kind in ("qkv", "kv"):
                    d = saved.shape[-1]
                    key = slice(d, 2 * d) if kind == "qkv" else slice(0, d)
                    key_biases.append(bias[..., key])
                    vectors += [bias[..., : key.start], bias[..., key.stop :]]
                else:
                    vectors.append(bias)
        vectors = torch.cat(vectors, dim=-1)
        key_biases = torch.cat(key_biases, dim=-1) if key_biases else vectors[..., :0]
        return Factors(linears, tables, vectors, key_biases, head_row)


class _Trace:
    """Site outputs, in the order in which they are made, with what their gradients need besides the cotangent."""

    def __init__(self, eps: float):
        self.eps = eps
        self.outputs: list[Tensor] = []
        self.kinds: list[tuple[str, Tensor]] = []

    def linear(self, x: Tensor, weight: Tensor, bias: Tensor, kind: str = "linear") -> Tensor:
        y = F.linear(x, weight, bias)
        self.outputs.append(y)
        self.kinds.append((kind, x.detach()))
        return y

    def layer_norm(self, x: Tensor, module: torch.nn.LayerNorm) -> Tensor:
        y = F.layer_norm(x, x.shape[-1:], module.weight, module.bias, self.eps)
        self.outputs.append(y)
        self.kinds.append(("layer_norm", F.layer_norm(x.detach(), x.shape[-1:], eps=self.eps)))
        return y


def _sum_rows(ids: Tensor, values: Tensor) -> Rows:
    """Sums the values of equal ids within each example: ids [n, t], values [n, c, t, d]."""
    n, t = ids.shape
    unique = torch.full((n, t), -1)
    slot = torch.zeros((n, t), dtype=torch.int64)
    for i in range(n):
        found, inverse = torch.unique(ids[i], return_inverse=True)
        unique[i, : len(found)] = found
        slot[i] = inverse
    u = int((unique >= 0).sum(1).max()) + 1  # padding's -1 may take one slot
    summed = torch.zeros(n, values.shape[1], min(u, t), values.shape[3])
    summed.scatter_add_(2, slot[:, None, :, None].expand_as(values), values)
    return Rows(unique[:, : summed.shape[2]], summed)
