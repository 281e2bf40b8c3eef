import { tf } from '@ntk-lens/engine';

// Functions with a derivative written out. That of automatic differentiation is the same number, but takes twice as
// many passes over activations, and repeats them for every output. What derivatives share with the function is written
// again here: traced, equal operations are one.

const moments = (x: tf.Tensor, eps: number) => {
  const centred = x.sub(x.mean(-1, true));
  const scale = centred.square().mean(-1, true).add(eps).rsqrt();
  return { scale, standardized: centred.mul(scale) };
};

/**
 * x̂ = (x − mean) / √(variance + eps) over the last axis, with dx = (dy − mean(dy) − x̂ mean(dy x̂)) / √(variance + eps).
 */
export const standardize = (x: tf.Tensor, eps: number): tf.Tensor =>
  tf.customGrad((input, save) => {
    const source = input as tf.Tensor;
    (save as tf.GradSaveFunc)([source]);
    return {
      value: moments(source, eps).standardized,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const { scale, standardized } = moments(saved[0]!, eps);
        const slope = dy.mul(standardized).mean(-1, true);
        return dy.sub(dy.mean(-1, true)).sub(standardized.mul(slope)).mul(scale);
      },
    };
  })(x);

/** Φ(x), the normal distribution function. */
const normal = (x: tf.Tensor): tf.Tensor => tf.erf(x.mul(Math.SQRT1_2)).add(1).mul(0.5);

/** x Φ(x) (Hendrycks & Gimpel 2016), with derivative Φ(x) + x φ(x). */
export const gelu = (x: tf.Tensor): tf.Tensor =>
  tf.customGrad((input, save) => {
    const source = input as tf.Tensor;
    (save as tf.GradSaveFunc)([source]);
    return {
      value: source.mul(normal(source)),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const scaled = saved[0]!.mul(Math.SQRT1_2);
        const density = scaled.mul(scaled.square().neg().exp()).mul(1 / Math.sqrt(Math.PI));
        return dy.mul(normal(saved[0]!).add(density));
      },
    };
  })(x);
