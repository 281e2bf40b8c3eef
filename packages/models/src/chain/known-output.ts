import { tf } from '@ntk-lens/engine';

/**
 * A tensor that is `output` to the autodiff and `known` in value. `known` is the value that a forward pass
 * kept of a site, in place of the product that gives it. Traced, the product is then computed only if
 * something else needs it.
 */
export const withKnownValue = (output: tf.Tensor, known: tf.Tensor): tf.Tensor =>
  tf.customGrad(() => ({ value: known.clone(), gradFunc: (dy: tf.Tensor) => dy }))(output);
