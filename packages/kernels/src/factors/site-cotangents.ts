import { tf } from '@ntk-lens/engine';
import type { SideInputs, Site, Stage, Tensors } from '@ntk-lens/models';
import { CollectingContext, TappedContext } from './tapped-context.js';

/** What a stage's backward pass starts from. */
export interface StageInputs {
  readonly weights: Tensors;
  readonly side: SideInputs;
  /** Hidden state; absent for the first stage. */
  readonly x?: tf.Tensor;
}

export interface SiteCotangents {
  /** Input activation of every site. */
  readonly activations: ReadonlyMap<string, tf.Tensor>;
  /** Cotangents of the output of each tapped site, one per output f. */
  readonly cotangents: ReadonlyMap<string, readonly tf.Tensor[]>;
  /** Cotangents of the hidden state, one per f; none for the first stage. */
  readonly dxs: readonly tf.Tensor[];
}

/**
 * Runs a stage backwards once per output f; what the outputs share is traced once.
 *
 * @param tapped sites whose cotangents are wanted
 * @param dys cotangent of the stage's output, for each f
 * @param known outputs of sites, from an earlier pass
 */
export const siteCotangents = (
  stage: Stage,
  { weights, side, x }: StageInputs,
  tapped: readonly Site[],
  dys: readonly tf.Tensor[],
  known: ReadonlyMap<string, tf.Tensor> = new Map(),
): SiteCotangents => {
  const collected = new CollectingContext(known);
  stage.apply(collected, weights, side, x);
  const zeros = tapped.map((site) => tf.zeros(collected.outputs.get(site.name)!.shape));
  const backward = tf.grads((...args: tf.Tensor[]) => {
    const taps = new Map(tapped.map((site, i) => [site.name, args[i]!]));
    return stage.apply(new TappedContext(taps, known), weights, side, args[tapped.length]);
  });
  const args = x ? [...zeros, x] : zeros;
  const perOutput = dys.map((dy) => backward(args, dy));
  // Not stacked: what returns them as they are spares a copy of each.
  const each = (i: number) => perOutput.map((gradients) => gradients[i]!);
  return {
    activations: collected.activations,
    cotangents: new Map(tapped.map((site, i) => [site.name, each(i)])),
    dxs: x ? each(tapped.length) : [],
  };
};
