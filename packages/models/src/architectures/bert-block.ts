import type { tf } from '@ntk-lens/engine';
import type { Activation } from '../config/model-config.js';
import { activate, attend, dropout, layerNorm, linear, paddingBias, readOut } from './layers.js';
import { type ParameterRef, type Site, type Stage, stage } from './stage.js';

/** What a BERT-like block needs to know. */
export interface BlockShape {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly heads: number;
  readonly activation: Activation;
  readonly layerNormEps: number;
  readonly hiddenDropout: number;
  readonly attentionDropout: number;
  /** Sites with dropout of their output. Default: both. */
  readonly dropoutAt?: readonly ('attention.output' | 'output')[];
}

/** Checkpoint names of a block's modules, without `.weight` and `.bias`. */
export interface BlockNames {
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly attentionOutput: string;
  readonly attentionNorm: string;
  readonly intermediate: string;
  readonly output: string;
  readonly outputNorm: string;
}

/** A linear site under checkpoint name `module`, weight `[out, in]`. */
export const linearSite = (
  name: string,
  module: string,
  inSize: number,
  outSize: number,
  options: { readonly zeroBias?: boolean } = {},
): Site => ({
  kind: 'linear',
  name,
  weight: { name: `${module}.weight`, shape: [outSize, inSize] },
  bias: { name: `${module}.bias`, shape: [outSize] },
  ...options,
});

/** A LayerNorm site under checkpoint name `module`. */
export const normSite = (name: string, module: string, size: number): Site => ({
  kind: 'norm',
  name,
  scale: { name: `${module}.weight`, shape: [size] },
  shift: { name: `${module}.bias`, shape: [size] },
});

/** An embedding site. */
export const embeddingSite = (
  name: string,
  ids: 'ids' | 'positions' | 'types',
  table: ParameterRef,
): Site => ({
  kind: 'embedding',
  name,
  ids,
  table,
});

/**
 * One post-LayerNorm transformer block (Devlin et al. 2019). The last block of a model computes only the row
 * that is read out: queries, feed-forward and LayerNorms see one token per example, keys and values all.
 */
export const bertBlock = (
  name: string,
  names: BlockNames,
  shape: BlockShape,
  options: { readonly last: boolean },
): Stage => {
  const { hiddenSize: d, intermediateSize: wide, heads, attentionDropout } = shape;
  const { dropoutAt = ['attention.output', 'output'] } = shape;
  return stage({
    name,
    kind: options.last ? 'last-block' : 'block',
    sites: [
      linearSite('query', names.query, d, d),
      linearSite('key', names.key, d, d, { zeroBias: true }),
      linearSite('value', names.value, d, d),
      linearSite('attention.output', names.attentionOutput, d, d),
      normSite('attention.norm', names.attentionNorm, d),
      linearSite('intermediate', names.intermediate, d, wide),
      linearSite('output', names.output, wide, d),
      normSite('output.norm', names.outputNorm, d),
    ],
    apply: (context, weights, side, x) => {
      const all = x!;
      const rows = options.last ? readOut(side, all) : all;
      const query = linear(context, weights, 'query', rows);
      const key = linear(context, weights, 'key', all);
      const value = linear(context, weights, 'value', all);
      const dropped = (site: 'attention.output' | 'output', y: tf.Tensor) =>
        dropoutAt.includes(site) ? dropout(context, site, y, shape.hiddenDropout) : y;
      const attending = { query, key, value, bias: paddingBias(side) };
      const mixed = attend(context, attending, { heads, attentionDropout });
      const projected = linear(context, weights, 'attention.output', mixed);
      const attended = dropped('attention.output', projected).add(rows);
      const middle = layerNorm(context, weights, 'attention.norm', attended, shape.layerNormEps);
      const inner = activate(shape.activation, linear(context, weights, 'intermediate', middle));
      const outer = dropped('output', linear(context, weights, 'output', inner)).add(middle);
      return layerNorm(context, weights, 'output.norm', outer, shape.layerNormEps);
    },
  });
};
