import { tf } from '@ntk-lens/engine';
import type { Activation } from '../config/model-config.js';
import { gelu, standardize } from './differentiated.js';
import type { AttentionInputs, SideInputs, SiteContext, Tensors } from './stage.js';

/** y = x Wᵀ + bias over the last axis; x is `[n, T, in]`, W `[out, in]`. */
export const linear = (context: SiteContext, weights: Tensors, site: string, x: tf.Tensor): tf.Tensor =>
  affine(context, weights, site, x, true);

/** y = x W + bias with W `[in, out]`, as GPT-2 stores it. */
export const linearInFirst = (
  context: SiteContext,
  weights: Tensors,
  site: string,
  x: tf.Tensor,
): tf.Tensor => affine(context, weights, site, x, false);

const affine = (
  context: SiteContext,
  weights: Tensors,
  site: string,
  input: tf.Tensor,
  outFirst: boolean,
): tf.Tensor => {
  const x = context.input?.(site, input) ?? input;
  const weight = weights[`${site}.weight`] as tf.Tensor2D;
  const bias = weights[`${site}.bias`];
  const [n, length, width] = x.shape as [number, number, number];
  // One flat product: batched ones against a shared right side are slower everywhere.
  const product = tf.matMul(x.reshape([n * length, width]), weight, false, outFirst);
  const y = bias ? product.add(bias) : product;
  return context.site(site, x, y.reshape([n, length, y.shape[1]!]));
};

/** LayerNorm over the last axis; the site's activation is the normalized x̂. */
export const layerNorm = (
  context: SiteContext,
  weights: Tensors,
  site: string,
  x: tf.Tensor,
  eps: number,
): tf.Tensor => {
  const normalized = standardize(x, eps);
  const y = normalized.mul(weights[`${site}.scale`]!).add(weights[`${site}.shift`]!);
  return context.site(site, normalized, y);
};

/** Rows of a table. */
export const embedding = (
  context: SiteContext,
  weights: Tensors,
  site: string,
  ids: tf.Tensor,
): tf.Tensor => {
  const table = weights[`${site}.table`]!;
  const rows = tf.gather(table, ids.flatten().toInt()).reshape([...ids.shape, table.shape[1]!]);
  return context.site(site, ids, rows);
};

/** Coordinatewise nonlinearities, by transformers' names. */
export const activate = (name: Activation, x: tf.Tensor): tf.Tensor => {
  switch (name) {
    case 'gelu':
      return gelu(x);
    case 'gelu_new':
      return x.mul(0.5).mul(tf.tanh(x.add(x.mul(x).mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI))).add(1));
    case 'relu':
      return x.relu();
    case 'silu':
      return x.mul(x.sigmoid());
    case 'tanh':
      return x.tanh();
  }
};

/** Dropout, in training alone. */
export const dropout = (context: SiteContext, name: string, x: tf.Tensor, rate: number): tf.Tensor =>
  rate > 0 ? (context.dropout?.(name, x, rate) ?? x) : x;

/** Numbers of a block's attention. */
export interface AttentionShape {
  readonly heads: number;
  /** What queries are multiplied with. Default: 1/√(size of a head). */
  readonly scale?: number;
}

/**
 * Scaled dot-product attention of `heads` heads.
 *
 * @param query `[n, Tq, d]`
 * @param key `[n, T, d]`
 * @param value `[n, T, d]`
 * @param bias added to the scores, broadcastable to `[n, heads, Tq, T]`: very negative where not allowed
 * @returns `[n, Tq, d]`
 */
const attention = (
  query: tf.Tensor,
  key: tf.Tensor,
  value: tf.Tensor,
  bias: tf.Tensor,
  { heads, scale = 1 / Math.sqrt(query.shape[2]! / heads) }: AttentionShape,
  drop: (probabilities: tf.Tensor) => tf.Tensor,
): tf.Tensor => {
  const split = (x: tf.Tensor) => {
    const [n, length, width] = x.shape as [number, number, number];
    return x.reshape([n, length, heads, width / heads]).transpose([0, 2, 1, 3]);
  };
  const scores = tf.matMul(split(query).mul(scale), split(key), false, true).add(bias);
  const mixed = tf.matMul(drop(tf.softmax(scores)), split(value));
  return mixed.transpose([0, 2, 1, 3]).reshape(query.shape);
};

/** {@link attention} with what the context makes of its inputs, and dropout of the probabilities. */
export const attend = (
  context: SiteContext,
  inputs: AttentionInputs,
  { attentionDropout, ...shape }: AttentionShape & { readonly attentionDropout: number },
): tf.Tensor => {
  const { query, key, value, bias } = context.attention?.(inputs) ?? inputs;
  return attention(query, key, value, bias, shape, (probabilities) =>
    dropout(context, 'attention.probabilities', probabilities, attentionDropout),
  );
};

/** Score bias `[n, 1, 1, T]` that keeps attention off the padding: exp(−1e9) is exactly 0 in float32. */
export const paddingBias = (side: SideInputs): tf.Tensor => {
  const [n, length] = side.attention.shape as [number, number];
  return side.attention.sub(1).mul(1e9).reshape([n, 1, 1, length]);
};

/**
 * Score bias of a causal model: `[n, 1, T, T]`, or `[n, 1, 1, T]` for the row that is read out alone. Keeps
 * attention off later tokens and off the padding.
 */
export const causalBias = (side: SideInputs, readOutOnly: boolean): tf.Tensor => {
  const [n, length] = side.positions.shape as [number, number];
  const positions = side.positions.toFloat();
  const keys = positions.reshape([n, 1, length]);
  const queries = positions.reshape([n, length, 1]);
  const from = readOutOnly ? tf.matMul(side.readout, queries) : queries;
  const later = keys.sub(from).step().mul(-1e9);
  return later.expandDims(1).add(paddingBias(side));
};

/** The hidden state at the token whose logits are read: `[n, 1, d]`. */
export const readOut = (side: SideInputs, x: tf.Tensor): tf.Tensor => tf.matMul(side.readout, x);
