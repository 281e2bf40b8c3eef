import type { tf } from '@ntk-lens/engine';
import type { Gpt2Config } from '../config/model-config.js';
import type { LinearSite } from '../sites/linear.js';
import { normSite } from '../sites/norm.js';
import { defineStage } from '../stages/define-stage.js';
import type { Stage } from '../stages/stage.js';
import { activate, causalBias, readOut } from './layers.js';

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
): LinearSite => {
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

/** Numbers that a block's function depends on; `scale` multiplies the queries. */
interface BlockSettings
  extends Pick<Gpt2Config, 'heads' | 'activation' | 'hiddenDropout' | 'attentionDropout'> {
  readonly last: boolean;
  readonly scale: number;
}

const preNormBlock = defineStage((settings: BlockSettings, at, side, x) => {
  const { last, heads, scale, activation, hiddenDropout, attentionDropout } = settings;
  const all = x!;
  const rowsOf = (state: tf.Tensor) => (last ? readOut(side, state) : state);
  const normalized = at.use('attention.norm', all);
  const attending = {
    query: at.use('query', rowsOf(normalized)),
    key: at.use('key', normalized),
    value: at.use('value', normalized),
    bias: causalBias(side, last),
  };
  const projected = at.use('attention.output', at.attend(attending, { heads, scale, attentionDropout }));
  const attended = at.dropout('attention.output', projected, hiddenDropout).add(rowsOf(all));
  const inner = activate(activation, at.use('intermediate', at.use('norm', attended)));
  return at.dropout('output', at.use('output', inner), hiddenDropout).add(attended);
});

/**
 * One pre-LayerNorm causal block (Radford et al. 2019). The fused projection `c_attn` is three sites, one
 * range of its outputs each. As in {@link bertBlock}, the last block computes only the row that is read out.
 */
export const gpt2Block = (config: Gpt2Config, index: number, { last }: { readonly last: boolean }): Stage => {
  const { hiddenSize: d, intermediateSize: wide, layerNormEps: eps, heads } = config;
  const { activation, hiddenDropout, attentionDropout } = config;
  const block = `transformer.h.${index}`;
  const scale =
    (config.scaleAttention ? 1 / Math.sqrt(d / heads) : 1) / (config.scaleAttentionByLayer ? index + 1 : 1);
  return preNormBlock({
    name: `layer.${index}`,
    settings: { last, heads, scale, activation, hiddenDropout, attentionDropout },
    attends: true,
    sites: [
      normSite('attention.norm', `${block}.ln_1`, d, eps),
      conv1dSite('query', `${block}.attn.c_attn`, d, d, { part: 0, parts: 3 }),
      conv1dSite('key', `${block}.attn.c_attn`, d, d, { part: 1, parts: 3, zeroBias: true }),
      conv1dSite('value', `${block}.attn.c_attn`, d, d, { part: 2, parts: 3 }),
      conv1dSite('attention.output', `${block}.attn.c_proj`, d, d),
      normSite('norm', `${block}.ln_2`, d, eps),
      conv1dSite('intermediate', `${block}.mlp.c_fc`, d, wide),
      conv1dSite('output', `${block}.mlp.c_proj`, wide, d),
    ],
  });
};
