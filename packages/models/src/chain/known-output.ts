import { tf } from '@ntk-lens/engine';

/**
 * `output` to the autodiff, `known` in value: what a forward pass kept of a site, in place of the product that gives it.
 * Traced, the product is then computed only if something else needs it.
 */
export const withKnownValue = (output: tf.Tensor, known: tf.Tensor): tf.Tensor =>
  tf.customGrad(() => ({ value: known.clone(), gradFunc: (dy: tf.Tensor) => dy }))(output);
