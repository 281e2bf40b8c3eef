import type { tf } from '@ntk-lens/engine';

/** Named tensors. */
export type Tensors = Readonly<Record<string, tf.Tensor>>;

/** The inputs of a layer's attention. */
export interface AttentionInputs {
  /** `[n, Tq, d]`. */
  readonly query: tf.Tensor;
  /** `[n, T, d]`. */
  readonly key: tf.Tensor;
  /** `[n, T, d]`. */
  readonly value: tf.Tensor;
  /** Added to the scores: `[n, 1 or heads, 1 or Tq, T]`. */
  readonly bias: tf.Tensor;
}

/** Watches, and may change, what happens at the sites of a stage while it is applied. */
export interface SiteContext {
  /**
   * Called once per site with its input activation and its output; returns the output to go on with.
   * For `embedding` sites the activation is the tensor of row numbers.
   */
  site(name: string, activation: tf.Tensor, output: tf.Tensor): tf.Tensor;
  /** Called with the input of a linear site before it is used; returns the input to go on with. */
  input?(name: string, x: tf.Tensor): tf.Tensor;
  /** Called once per layer before attention; returns what to attend with, e.g. with more keys and values. */
  attention?(inputs: AttentionInputs): AttentionInputs;
  /**
   * Called where units are dropped in training, with a name that is unique in the stage and the probability, which is
   * above 0; absent outside of training.
   */
  dropout?(name: string, x: tf.Tensor, rate: number): tf.Tensor;
}

/** Changes nothing: the plain forward pass. */
export const plainContext: SiteContext = { site: (_name, _activation, output) => output };
