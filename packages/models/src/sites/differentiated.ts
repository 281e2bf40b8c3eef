import { tf } from '@ntk-lens/engine';

// Functions with a derivative written out. That of automatic differentiation is the same number, but takes
// twice as many passes over activations, and repeats them for every output. The operations that derivatives
// share with the function are written again here: traced, equal operations are one.

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

/** x̂ = x / √(mean(x²) + eps) over the last axis, with dx = (dy − x̂ mean(dy x̂)) / √(mean(x²) + eps). */
export const unitRms = (x: tf.Tensor, eps: number): tf.Tensor => {
  const inverse = (of: tf.Tensor) => of.square().mean(-1, true).add(eps).rsqrt();
  return tf.customGrad((input, save) => {
    const source = input as tf.Tensor;
    (save as tf.GradSaveFunc)([source]);
    return {
      value: source.mul(inverse(source)),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const scale = inverse(saved[0]!);
        const unit = saved[0]!.mul(scale);
        return dy.sub(unit.mul(dy.mul(unit).mean(-1, true))).mul(scale);
      },
    };
  })(x);
};

/** 2 Φ(x), Φ the normal distribution function. */
const twiceNormal = (x: tf.Tensor): tf.Tensor => tf.erf(x.div(Math.SQRT2)).add(1);

/**
 * x Φ(x) (Hendrycks & Gimpel 2016), with derivative Φ(x) + x φ(x). The value is written in the order of operations that
 * ONNX Runtime knows as GELU: where nothing else needs Φ, it is one pass instead of five.
 */
export const gelu = (x: tf.Tensor): tf.Tensor =>
  tf.customGrad((input, save) => {
    const source = input as tf.Tensor;
    (save as tf.GradSaveFunc)([source]);
    return {
      value: twiceNormal(source).mul(source).mul(0.5),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const scaled = saved[0]!.div(Math.SQRT2);
        const density = scaled.mul(scaled.square().neg().exp()).mul(1 / Math.sqrt(Math.PI));
        return dy.mul(twiceNormal(saved[0]!).mul(0.5).add(density));
      },
    };
  })(x);

/** x σ(x) (Elfwing et al. 2017), with derivative σ(x) (1 + x (1 − σ(x))), which all outputs share. */
export const silu = (x: tf.Tensor): tf.Tensor =>
  tf.customGrad((input, save) => {
    const source = input as tf.Tensor;
    (save as tf.GradSaveFunc)([source]);
    return {
      value: source.mul(source.sigmoid()),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const gate = saved[0]!.sigmoid();
        const value = saved[0]!.mul(gate);
        return dy.mul(value.sub(value.mul(gate)).add(gate));
      },
    };
  })(x);
