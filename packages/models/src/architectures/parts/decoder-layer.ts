import type { tf } from '@ntk-lens/engine';
import { type LinearSite, linearSite } from '../../sites/linear.js';
import { type NormSite, rmsNormSite } from '../../sites/norm.js';
import { defineStage } from '../../stages/define-stage.js';
import type { Stage } from '../../stages/stage.js';
import type { Activation } from '../network-config.js';
import { activate, causalBias, readOut } from './layers.js';
import { type Rotation, readOutTables, rotaryTables, rotate } from './rotary.js';

/** Places of norms: before and after attention and the feed-forward network, and at queries and keys. */
type NormPlace =
  | 'attention.norm'
  | 'attention.output.norm'
  | 'norm'
  | 'output.norm'
  | 'query.norm'
  | 'key.norm';

/** Linear sites of a layer. */
type LinearPlace = 'query' | 'key' | 'value' | 'attention.output' | 'gate' | 'intermediate' | 'output';

/** A layer of Llama's kind: RMSNorms, rotary positions, shared heads of keys and values, a gated feed-forward network. */
export interface DecoderLayer {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  readonly activation: Activation;
  readonly layerNormEps: number;
  readonly attentionDropout: number;
  readonly rotation: Rotation;
  /** Module names, below the layer's, of the norms that the layer has, in the order in which transformers registers them. */
  readonly norms: Partial<Readonly<Record<NormPlace, string>>>;
  /** Added to stored scales of norms. Default: 0. */
  readonly normOffset?: number;
  /** Queries and keys are normalized per head, with one scale for all heads, or over their whole width. */
  readonly headNorms?: boolean;
  readonly biased: readonly LinearPlace[];
  /** Scores are divided by the root of this. Default: `headSize`. */
  readonly scoreSize?: number;
  /** See {@link causalBias}. */
  readonly window?: number;
  /** Scores stay within ±softCap. */
  readonly softCap?: number;
}

/** Numbers that a layer's function depends on. */
interface LayerSettings
  extends Pick<
    DecoderLayer,
    'heads' | 'kvHeads' | 'headSize' | 'activation' | 'attentionDropout' | 'rotation' | 'window' | 'softCap'
  > {
  readonly last: boolean;
  readonly scale: number;
  readonly norms: readonly NormPlace[];
  readonly headNorms: boolean;
}

const gatedLayer = defineStage((settings: LayerSettings, at, side, x) => {
  const { last, heads, kvHeads, headSize, activation, attentionDropout, scale, softCap } = settings;
  const all = x!;
  const rowsOf = (state: tf.Tensor) => (last ? readOut(side, state) : state);
  const normed = (place: NormPlace, y: tf.Tensor) => (settings.norms.includes(place) ? at.use(place, y) : y);
  const normedHeads = (place: NormPlace, y: tf.Tensor) => {
    if (!settings.headNorms) return normed(place, y);
    const [n, length, width] = y.shape as [number, number, number];
    // A head is a token to this norm: the gradient of its scale is the sum over heads, too.
    return normed(place, y.reshape([n, (length * width) / headSize, headSize])).reshape(y.shape);
  };
  const tables = rotaryTables(side, settings.rotation);
  const turned = (y: tf.Tensor, by: typeof tables) => rotate(y, headSize, by);

  const entering = normed('attention.norm', all);
  const query = normedHeads('query.norm', at.use('query', rowsOf(entering)));
  const attending = {
    query: turned(query, last ? readOutTables(side, tables) : tables),
    key: turned(normedHeads('key.norm', at.use('key', entering)), tables),
    value: at.use('value', entering),
    bias: causalBias(side, last, settings.window),
  };
  const attention = at.attend(attending, { heads, kvHeads, scale, softCap, attentionDropout });
  const attended = normed('attention.output.norm', at.use('attention.output', attention)).add(rowsOf(all));
  const inner = normed('norm', attended);
  const gated = activate(activation, at.use('gate', inner)).mul(at.use('intermediate', inner));
  return normed('output.norm', at.use('output', gated)).add(attended);
});

/**
 * One causal layer of Llama (Touvron et al. 2023) and the architectures that follow it. The last layer of a model computes
 * only the row that is read out: queries, feed-forward network and norms see one token per example, keys and values all.
 *
 * @param module checkpoint name of the layer
 */
export const decoderLayer = (
  name: string,
  module: string,
  layer: DecoderLayer,
  { last }: { readonly last: boolean },
): Stage => {
  const { hiddenSize: d, intermediateSize: wide, heads, kvHeads, headSize, headNorms = false } = layer;
  const { scoreSize = headSize, activation, attentionDropout, rotation, window, softCap } = layer;
  const [queries, keys] = [heads * headSize, kvHeads * headSize];
  const linear = (site: LinearPlace, below: string, inSize: number, outSize: number): LinearSite => {
    const { bias, ...weightOnly } = linearSite(site, `${module}.${below}`, inSize, outSize);
    return layer.biased.includes(site) ? { ...weightOnly, bias } : weightOnly;
  };
  const norms = Object.entries(layer.norms) as [NormPlace, string][];
  const normSizes: Readonly<Record<string, number>> = headNorms
    ? { 'query.norm': headSize, 'key.norm': headSize }
    : { 'query.norm': queries, 'key.norm': keys };
  const norm = ([place, below]: (typeof norms)[number]): NormSite =>
    rmsNormSite(place, `${module}.${below}`, normSizes[place] ?? d, layer.layerNormEps, layer.normOffset);
  const atHeads = ([place]: (typeof norms)[number]) => place in normSizes;
  return gatedLayer({
    name,
    settings: {
      ...{ last, heads, kvHeads, headSize, activation, attentionDropout, rotation, window, softCap },
      scale: 1 / Math.sqrt(scoreSize),
      norms: norms.map(([place]) => place),
      headNorms,
    },
    attends: true,
    // In the order in which transformers registers them.
    sites: [
      linear('query', 'self_attn.q_proj', d, queries),
      linear('key', 'self_attn.k_proj', d, keys),
      linear('value', 'self_attn.v_proj', d, keys),
      linear('attention.output', 'self_attn.o_proj', queries, d),
      ...norms.filter(atHeads).map(norm),
      linear('gate', 'mlp.gate_proj', d, wide),
      linear('intermediate', 'mlp.up_proj', d, wide),
      linear('output', 'mlp.down_proj', wide, d),
      ...norms.filter((each) => !atHeads(each)).map(norm),
    ],
  });
};
