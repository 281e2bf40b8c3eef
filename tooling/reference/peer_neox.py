"""The forward pass of a GPT-NeoX model (Pythia), written out as peer_factors.py does for RoBERTa.

An example is read at its last token, so the causal mask hides its padding. The fused projection of queries, keys and
values is one linear layer; in the last block only the row that is read has queries, and what follows.
"""

import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import GPTNeoXForCausalLM

from peer_common import Batch
from peer_factors import FactorModel, _Trace


class NeoxFactorModel(FactorModel):
    decoder_bias = False

    def __init__(self, model: GPTNeoXForCausalLM, label_ids: list[int], binary: bool):
        self.model = model.requires_grad_(False)
        self.config = model.config
        self.label_ids = torch.tensor(label_ids)
        self.output = torch.tensor([[-1.0, 1.0]]) if binary else torch.eye(len(label_ids))

    def _rotate(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        size = cos.shape[-1]
        turned, rest = x[..., :size], x[..., size:]
        a, b = turned.chunk(2, dim=-1)
        return torch.cat([turned * cos + torch.cat([-b, a], dim=-1) * sin, rest], dim=-1)

    def _forward(self, batch: Batch, trace: _Trace) -> tuple[Tensor, Tensor, Tensor]:
        body, heads = self.model.gpt_neox, self.config.num_attention_heads
        n, t = batch.ids.shape
        x = body.embed_in.weight[batch.ids].requires_grad_(True)
        trace.outputs.append(x)
        trace.kinds.append(("words", x))
        embedded = x
        d = x.shape[-1]
        size = d // heads
        cos, sin = body.rotary_emb(x, torch.arange(t)[None])
        cos, sin = cos[:, None], sin[:, None]
        row = batch.position[:, None, None]
        causal = torch.ones(t, t, dtype=torch.bool).tril()[None, None]
        for i, layer in enumerate(body.layers):
            last = i == len(body.layers) - 1
            attention, mlp = layer.attention, layer.mlp
            normed = trace.layer_norm(x, layer.input_layernorm)
            weight = attention.query_key_value.weight.view(heads, 3, size, d)
            bias = attention.query_key_value.bias.view(heads, 3, size)
            read = lambda z: torch.gather(z, 1, row.expand(n, 1, z.shape[-1]))
            split = lambda z, parts: z.view(n, -1, heads, parts, size).permute(3, 0, 2, 1, 4)
            if last:
                k, v = split(trace.linear(normed, weight[:, 1:].reshape(-1, d), bias[:, 1:].reshape(-1)), 2)
                (q,) = split(trace.linear(read(normed), weight[:, :1].reshape(-1, d), bias[:, :1].reshape(-1)), 1)
                own = batch.position[:, None, None, None].expand(n, 1, 1, cos.shape[-1])
                q = self._rotate(q, *(torch.gather(z.expand(n, 1, t, -1), 2, own) for z in (cos, sin)))
                mask = (torch.arange(t) <= batch.position[:, None])[:, None, None]
                x = read(x)
            else:
                q, k, v = split(trace.linear(normed, weight.reshape(-1, d), bias.reshape(-1)), 3)
                q, mask = self._rotate(q, cos, sin), causal
            k = self._rotate(k, cos, sin)
            context = F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).reshape(n, -1, d)
            attended = trace.linear(context, attention.dense.weight, attention.dense.bias)
            between = x if self.config.use_parallel_residual else attended + x
            inner = trace.linear(
                trace.layer_norm(between, layer.post_attention_layernorm),
                mlp.dense_h_to_4h.weight,
                mlp.dense_h_to_4h.bias,
            )
            outer = trace.linear(F.gelu(inner), mlp.dense_4h_to_h.weight, mlp.dense_4h_to_h.bias)
            x = outer + attended + x
        h = trace.layer_norm(x, body.final_layer_norm)[:, 0]
        return h @ self.model.get_output_embeddings().weight[self.label_ids].T, embedded, h
