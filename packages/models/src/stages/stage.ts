import type { tf } from '@ntk-lens/engine';
import type { ParameterRef } from '../sites/parameter-ref.js';
import type { Site } from '../sites/site.js';
import type { SiteContext, Tensors } from '../sites/site-context.js';
import type { SideInputs } from './side-inputs.js';

/**
 * A part of the network, from one hidden state to the next: the embeddings, one layer, or the head. A model
 * is a chain of stages, so that what is large can be streamed one stage at a time (docs/architecture.md).
 */
export interface Stage {
  /** Unique in the model, e.g. `layer.3`. */
  readonly name: string;
  /** Stages of equal identity compute the same function of their inputs and weights: `defineStage` makes it. */
  readonly identity: string;
  readonly sites: readonly Site[];
  /** Weights by local name: `<site>.<role>`, and what an extension of the stage adds. */
  readonly weights: Readonly<Record<string, ParameterRef>>;
  /** Tokens of an example whose logits are read, R. Default: 1. */
  readonly reads?: number;
  /** The stage attends: every token to others. */
  readonly attends: boolean;
  /**
   * @param x hidden state `[n, T, d]`; absent for the first stage
   * @returns the next hidden state: `[n, T, d]`, `[n, R, d]` from the last layer on, and outputs `[n, C]`
   *   from the head
   */
  apply(context: SiteContext, weights: Tensors, side: SideInputs, x: tf.Tensor | undefined): tf.Tensor;
}
