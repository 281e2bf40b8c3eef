import type { tf } from '@ntk-lens/engine';
import { linearSite } from '../../sites/linear.js';
import { normSite } from '../../sites/norm.js';
import type { Site } from '../../sites/site.js';
import { defineStage } from '../../stages/define-stage.js';
import type { SideInputs } from '../../stages/side-inputs.js';
import type { Stage } from '../../stages/stage.js';
import type { StageAccess } from '../../stages/stage-access.js';
import type { Targets } from '../define-architecture.js';
import type { Activation } from '../network-config.js';
import { activate, paddingBias, readOut } from './layers.js';
import { type Buckets, relativeBias, relativeBiasSite } from './relative-bias.js';

/** The shape of a BERT-like layer. */
export interface LayerShape {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly heads: number;
  readonly activation: Activation;
  readonly layerNormEps: number;
  readonly hiddenDropout: number;
  readonly attentionDropout: number;
  /** Sites with dropout of their output. Default: both. */
  readonly dropoutAt?: readonly ('attention.output' | 'output')[];
  /** Score biases by the distance of two tokens. Default: none. */
  readonly relativeBias?: RelativeBias;
}

/** A table of score biases, which may be the same one in several layers. */
export interface RelativeBias extends Buckets {
  /** Parameter name of the table. */
  readonly table: string;
  /** Rows of the table, at least as many as there are buckets. */
  readonly rows: number;
}

/**
 * Checkpoint names of a layer's modules, without `.weight` and `.bias`, in the order in which the network uses them and
 * transformers registers them.
 */
export interface LayerNames {
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly attentionOutput: string;
  readonly attentionNorm: string;
  readonly intermediate: string;
  readonly output: string;
  readonly outputNorm: string;
}

/** Numbers that a layer's function depends on. */
export interface PostNormSettings
  extends Pick<LayerShape, 'heads' | 'activation' | 'hiddenDropout' | 'attentionDropout'> {
  readonly last: boolean;
  readonly dropoutAt: readonly ('attention.output' | 'output')[];
}

/** The numbers by which attention scores are made of queries and keys. */
export interface Scores {
  /** Added to them, `[n, 1 or heads, 1 or T, T]`: the bias that keeps attention off the padding, and others. */
  readonly bias: tf.Tensor;
  /** Factor of the queries. Default: 1/√(size of a head). */
  readonly scale?: number;
}

/**
 * A post-LayerNorm layer as a stage's function.
 *
 * @param scores is given queries, `[n, 1, d]` in the last layer, and keys
 */
export const postNorm = (
  settings: PostNormSettings,
  at: StageAccess,
  side: SideInputs,
  x: tf.Tensor,
  scores: (query: tf.Tensor, key: tf.Tensor) => Scores,
): tf.Tensor => {
  const { last, heads, activation, hiddenDropout, attentionDropout, dropoutAt } = settings;
  const rows = last ? readOut(side, x) : x;
  const dropped = (site: 'attention.output' | 'output', y: tf.Tensor) =>
    dropoutAt.includes(site) ? at.dropout(site, y, hiddenDropout) : y;
  const [query, key, value] = [at.use('query', rows), at.use('key', x), at.use('value', x)];
  const { bias, scale } = scores(query, key);
  const attended = at.attend({ query, key, value, bias }, { heads, scale, attentionDropout });
  const projected = at.use('attention.output', attended);
  const middle = at.use('attention.norm', dropped('attention.output', projected).add(rows));
  const inner = activate(activation, at.use('intermediate', middle));
  return at.use('output.norm', dropped('output', at.use('output', inner)).add(middle));
};

/** The sites of such a layer. */
export const postNormSites = (
  names: LayerNames,
  { hiddenSize: d, intermediateSize: wide, layerNormEps: eps }: LayerShape,
  { zeroKeyBias = true }: { readonly zeroKeyBias?: boolean } = {},
): readonly Site[] => [
  linearSite('query', names.query, d, d),
  linearSite('key', names.key, d, d, { zeroBias: zeroKeyBias }),
  linearSite('value', names.value, d, d),
  linearSite('attention.output', names.attentionOutput, d, d),
  normSite('attention.norm', names.attentionNorm, d, eps),
  linearSite('intermediate', names.intermediate, d, wide),
  linearSite('output', names.output, wide, d),
  normSite('output.norm', names.outputNorm, d, eps),
];

interface BertSettings extends PostNormSettings {
  readonly buckets: Buckets | undefined;
}

const scoreBias = (
  { last, buckets }: BertSettings,
  at: StageAccess,
  side: SideInputs,
  x: tf.Tensor,
): tf.Tensor => {
  const padding = paddingBias(side);
  if (!buckets) return padding;
  const bias = relativeBias(at.use('attention.bias', x), buckets, x.shape[1]!);
  // Not a product: tfjs's own backends do not broadcast two axes of a batch.
  const row = () => bias.mul(side.readout.expandDims(3)).sum(2, true);
  return padding.add(last ? row() : bias);
};

const postNormLayer = defineStage((settings: BertSettings, at, side, x) =>
  postNorm(settings, at, side, x!, () => ({ bias: scoreBias(settings, at, side, x!) })),
);

/**
 * One post-LayerNorm transformer layer (Devlin et al. 2019). The last layer of a model computes only the row
 * that is read out: queries, feed-forward and LayerNorms see one token per example, keys and values all.
 */
export const bertLayer = (
  name: string,
  names: LayerNames,
  shape: LayerShape,
  { last }: { readonly last: boolean },
): Stage => {
  const { heads, activation, hiddenDropout, attentionDropout } = shape;
  const { dropoutAt = ['attention.output', 'output'], relativeBias: relative } = shape;
  const buckets = relative && { buckets: relative.buckets, maxDistance: relative.maxDistance };
  return postNormLayer({
    name,
    settings: { last, heads, activation, hiddenDropout, attentionDropout, dropoutAt, buckets },
    attends: true,
    sites: [
      ...postNormSites(names, shape),
      ...(relative ? [relativeBiasSite('attention.bias', relative.table, relative.rows, heads)] : []),
    ],
  });
};

/** Names of BERT's layers and of its close relatives', under the base prefix. */
export const bertLayerNames =
  (base: string) =>
  (index: number): LayerNames => {
    const layer = `${base}encoder.layer.${index}`;
    return {
      query: `${layer}.attention.self.query`,
      key: `${layer}.attention.self.key`,
      value: `${layer}.attention.self.value`,
      attentionOutput: `${layer}.attention.output.dense`,
      attentionNorm: `${layer}.attention.output.LayerNorm`,
      intermediate: `${layer}.intermediate.dense`,
      output: `${layer}.output.dense`,
      outputNorm: `${layer}.output.LayerNorm`,
    };
  };

/** Sites of these layers that parameter spaces change by default. */
export const bertTargets: Targets = {
  lora: ['query', 'value'],
  ia3: ['key', 'value', 'output'],
  feedforward: ['output'],
};
