import { gradientsOfEach, tf } from '@ntk-lens/engine';
import type { Stage } from '../stages/stage.js';
import { RecordingContext } from './recording-context.js';
import type { Named, StageTensors } from './stage-tensors.js';

/** With respect to what a stage is differentiated. */
export interface Wanted {
  /** Sites at whose values cotangents are wanted. */
  readonly sites: readonly string[];
  /** Weights whose gradients are wanted, by local name. */
  readonly weights: readonly string[];
  /** The stage's input. */
  readonly input: boolean;
}

/** Derivatives of one stage for a batch; lists have one tensor for each output f. */
export interface StageGradients {
  /** Input activation of a site that was asked for. */
  activation(site: string): tf.Tensor;
  /** Cotangents of a site's output, in its shape. */
  cotangents(site: string): readonly tf.Tensor[];
  /** Gradients of a weight, summed over the examples, in its shape. */
  weight(local: string): readonly tf.Tensor[];
  /** Cotangents of the hidden state; none where they were not asked for. */
  readonly dxs: readonly tf.Tensor[];
}

/**
 * Runs a stage backwards once for each output f, and forwards once for all.
 *
 * @param known values of sites, from an earlier pass
 * @param dys cotangent of the stage's output, for each f
 * @internal
 */
export const differentiate = (
  stage: Stage,
  { weights, side, x, masks }: StageTensors<tf.Tensor>,
  known: Named<tf.Tensor>,
  wanted: Wanted,
  dys: readonly tf.Tensor[],
): StageGradients => {
  const recorded = new RecordingContext({ known, masks });
  if (wanted.sites.length > 0) stage.apply(recorded, weights, side, x);
  // Traced, this is one node; `tf.zeros` would make an array of all of them first.
  const zeros = wanted.sites.map((site) => tf.fill(entry(recorded.values, site).shape, 0));
  const own = wanted.weights.map((local) => entry(new Map(Object.entries(weights)), local));
  const inputs = wanted.input && x ? [x] : [];
  const apply = (...args: tf.Tensor[]): tf.Tensor => {
    const taken = [...args];
    const taps = new Map(wanted.sites.map((site) => [site, taken.shift() as tf.Tensor]));
    const moved = Object.fromEntries(
      wanted.weights.map((local) => [local, taken.shift() as tf.Tensor] as const),
    );
    const context = new RecordingContext({ known, masks, taps });
    return stage.apply(context, { ...weights, ...moved }, side, taken.shift() ?? x);
  };
  const perOutput = gradientsOfEach(apply, [...zeros, ...own, ...inputs], dys);
  // They are not stacked: a caller that returns them as they are saves a copy of each.
  const each = (i: number) => perOutput.map((gradients) => gradients[i]!);
  const cotangents = new Map(wanted.sites.map((site, i) => [site, each(i)]));
  const gradients = new Map(wanted.weights.map((local, i) => [local, each(zeros.length + i)]));
  return {
    activation: (site) => entry(recorded.activations, site),
    cotangents: (site) => entry(cotangents, site),
    weight: (local) => entry(gradients, local),
    dxs: inputs.length > 0 ? each(zeros.length + own.length) : [],
  };
};

const entry = <T>(map: ReadonlyMap<string, T>, name: string): T => {
  const value = map.get(name);
  if (value === undefined) throw new Error(`${name} is not one of ${[...map.keys()].join(', ')}.`);
  return value;
};
