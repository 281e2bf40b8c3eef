import { tf } from '@ntk-lens/engine';
import type { Site } from '../sites/site.js';
import type { AttentionInputs, SiteContext, Tensors } from '../sites/site-context.js';
import type { Shared } from '../sites/site-kind.js';
import { applySite } from '../sites/site-kinds.js';
import { softCapped } from './soft-cap.js';

/** Numbers of a layer's attention. */
export interface AttentionShape {
  readonly heads: number;
  /** Heads of keys and values, each shared by as many heads of queries in a row. Default: `heads`. */
  readonly kvHeads?: number;
  /** Factor of the queries. Default: 1/√(size of a head). */
  readonly scale?: number;
  /** A score s becomes c tanh(s / c), before the bias is added. Default: it stays as it is. */
  readonly softCap?: number;
  /** Probability of dropping an attention probability in training. */
  readonly attentionDropout: number;
}

/** One application of a stage; its function uses sites, attention and dropout through it. */
export interface StageAccess {
  readonly context: SiteContext;
  readonly weights: Tensors;
  /** True where the stage has a site of this name. */
  has(site: string): boolean;
  /** Applies the stage's site of this name to its input: activations, or row numbers for an embedding. */
  use(site: string, x: tf.Tensor): tf.Tensor;
  /** Scaled dot-product attention of `heads` heads, `[n, Tq, d]`, with what the context makes of its inputs. */
  attend(inputs: AttentionInputs, shape: AttentionShape): tf.Tensor;
  /** Drops units, in training alone. @param place unique in the stage */
  dropout(place: string, x: tf.Tensor, rate: number): tf.Tensor;
}

/** An application of the sites of a stage in a context, with weights by local name. */
export const stageAccess = (sites: readonly Site[], context: SiteContext, weights: Tensors): StageAccess => {
  const byName = new Map(sites.map((site) => [site.name, site]));
  const shared = sharing();
  const dropout: StageAccess['dropout'] = (place, x, rate) =>
    rate > 0 ? (context.dropout?.(place, x, rate) ?? x) : x;
  return {
    context,
    weights,
    dropout,
    has: (name) => byName.has(name),
    use: (name, x) => {
      const site = byName.get(name);
      if (!site) throw new Error(`The stage has no site "${name}", only ${[...byName.keys()].join(', ')}.`);
      return applySite(site, context, weights, x, shared);
    },
    attend: (inputs, { attentionDropout, ...shape }) =>
      attention(context.attention?.(inputs) ?? inputs, shape, (probabilities) =>
        dropout('attention.probabilities', probabilities, attentionDropout),
      ),
  };
};

const sharing = (): Shared => {
  const made = new Map<tf.Tensor, Map<string, tf.Tensor>>();
  return (name, x, make) => {
    const own = made.get(x) ?? new Map<string, tf.Tensor>();
    const value = own.get(name) ?? make();
    made.set(x, own.set(name, value));
    return value;
  };
};

/**
 * `bias` is broadcastable to `[n, heads, Tq, T]`, very negative where attention is not allowed. The queries of heads that
 * share keys are rows of one matrix, so that nothing is repeated.
 */
const attention = (
  { query, key, value, bias }: AttentionInputs,
  shape: Omit<AttentionShape, 'attentionDropout'>,
  drop: (probabilities: tf.Tensor) => tf.Tensor,
): tf.Tensor => {
  const { heads, kvHeads = heads, softCap } = shape;
  const [n, rows, width] = query.shape as [number, number, number];
  const headSize = width / heads;
  const { scale = 1 / Math.sqrt(headSize) } = shape;
  const split = (x: tf.Tensor, count: number) =>
    x.reshape([n, x.shape[1]!, count, x.shape[2]! / count]).transpose([0, 2, 1, 3]);
  const grouped = (x: tf.Tensor) => x.reshape([n, kvHeads, (heads / kvHeads) * rows, x.shape[3]!]);
  const perHead = (x: tf.Tensor) => x.reshape([n, heads, rows, x.shape[3]!]);
  const products = tf.matMul(grouped(split(query, heads).mul(scale)), split(key, kvHeads), false, true);
  const scores = perHead(softCap === undefined ? products : softCapped(products, softCap)).add(bias);
  const probabilities = drop(tf.softmax(scores));
  const mixed = perHead(tf.matMul(grouped(probabilities), split(value, kvHeads)));
  return mixed.transpose([0, 2, 1, 3]).reshape(query.shape);
};
