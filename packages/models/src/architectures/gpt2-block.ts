import type { tf } from '@ntk-lens/engine';
import type { Gpt2Config } from '../config/model-config.js';
import { normSite } from './bert-block.js';
import { activate, attend, causalBias, dropout, layerNorm, linearInFirst, readOut } from './layers.js';
import { type Site, type Stage, stage } from './stage.js';

/** A linear site of GPT-2's Conv1D module: weight `[in, out]`, or one of `parts` equal parts of its outputs. */
const conv1dSite = (
  name: string,
  module: string,
  inSize: number,
  outSize: number,
  fused: { readonly part: number; readonly parts: number; readonly zeroBias?: boolean } = {
    part: 0,
    parts: 1,
  },
): Site => {
  const { part, parts, ...options } = fused;
  const range = (axis: number) =>
    parts > 1 ? { part: { axis, start: part * outSize, size: outSize } } : undefined;
  return {
    kind: 'linear',
    name,
    inFirst: true,
    weight: { name: `${module}.weight`, shape: [inSize, parts * outSize], ...range(1) },
    bias: { name: `${module}.bias`, shape: [parts * outSize], ...range(0) },
    ...options,
  };
};

/**
 * One pre-LayerNorm causal block (Radford et al. 2019). The fused projection `c_attn` is three sites, one
 * range of its outputs each. As in {@link bertBlock}, the last block computes only the row that is read out.
 */
export const gpt2Block = (config: Gpt2Config, index: number, options: { readonly last: boolean }): Stage => {
  const { hiddenSize: d, intermediateSize: wide, layerNormEps, heads } = config;
  const { hiddenDropout, attentionDropout } = config;
  const block = `transformer.h.${index}`;
  const scale =
    (config.scaleAttention ? 1 / Math.sqrt(d / config.heads) : 1) /
    (config.scaleAttentionByLayer ? index + 1 : 1);
  const kind = options.last ? 'last-block' : 'block';
  return stage({
    name: `layer.${index}`,
    // A scale of its own makes a block a function of its own.
    kind: config.scaleAttentionByLayer ? `${kind}.${index}` : kind,
    sites: [
      normSite('attention.norm', `${block}.ln_1`, d),
      conv1dSite('query', `${block}.attn.c_attn`, d, d, { part: 0, parts: 3 }),
      conv1dSite('key', `${block}.attn.c_attn`, d, d, { part: 1, parts: 3, zeroBias: true }),
      conv1dSite('value', `${block}.attn.c_attn`, d, d, { part: 2, parts: 3 }),
      conv1dSite('attention.output', `${block}.attn.c_proj`, d, d),
      normSite('norm', `${block}.ln_2`, d),
      conv1dSite('intermediate', `${block}.mlp.c_fc`, d, wide),
      conv1dSite('output', `${block}.mlp.c_proj`, wide, d),
    ],
    apply: (context, weights, side, x) => {
      const all = x!;
      const rowsOf = (state: tf.Tensor) => (options.last ? readOut(side, state) : state);
      const normalized = layerNorm(context, weights, 'attention.norm', all, layerNormEps);
      const query = linearInFirst(context, weights, 'query', rowsOf(normalized));
      const key = linearInFirst(context, weights, 'key', normalized);
      const value = linearInFirst(context, weights, 'value', normalized);
      const bias = causalBias(side, options.last);
      const attending = { query, key, value, bias };
      const mixed = attend(context, attending, { heads, scale, attentionDropout });
      const projected = linearInFirst(context, weights, 'attention.output', mixed);
      const attended = dropout(context, 'attention.output', projected, hiddenDropout).add(rowsOf(all));
      const middle = layerNorm(context, weights, 'norm', attended, layerNormEps);
      const inner = activate(config.activation, linearInFirst(context, weights, 'intermediate', middle));
      const outer = linearInFirst(context, weights, 'output', inner);
      return dropout(context, 'output', outer, hiddenDropout).add(attended);
    },
  });
};
