import { BadArgumentError, type NDArray, zeros } from '@ntk-lens/core';
import { dualActivations } from './dual-activation.js';
import { checkedShape, type PerceptronShape } from './perceptron-shape.js';

/** Kernels of an infinitely wide network, float64 `[n, n]`. */
export interface InfiniteKernels {
  /** Covariance of f at initialization: f is a Gaussian process with this kernel. */
  readonly nngp: NDArray<'float64'>;
  /** Limit of the empirical NTK ⟨∇f, ∇f⟩ over all weights and biases, the same at every time of training. */
  readonly ntk: NDArray<'float64'>;
}

/**
 * NNGP and NTK of a perceptron of infinite width, in closed form (Jacot et al. 2018; Lee et al. 2018): with K_1 = Θ_1 =
 * σ_w² x·x′/d + σ_b² and (u, v) ~ N(0, K_l),
 *
 * K_{l+1} = σ_w² E φ(u) φ(v) + σ_b², Θ_{l+1} = K_{l+1} + σ_w² E φ′(u) φ′(v) Θ_l.
 *
 * @param inputs `[n, d]`
 * @example
 * ```ts
 * const inputs = ndarray<'float64'>(Float64Array.of(1, 0, 0, 1), [2, 2]);
 * const { ntk } = infiniteKernels({ nonlinearity: 'relu', hiddenLayers: 1 }, inputs);
 * ntk.data[0]; // 0.5: half of it from either layer
 * ```
 * @throws BadArgumentError for inputs that are not a matrix, or a shape that is none
 */
export const infiniteKernels = (shape: PerceptronShape, inputs: NDArray): InfiniteKernels => {
  const { nonlinearity, hiddenLayers, weightScale, biasScale } = checkedShape(shape);
  const [n, d, ...more] = inputs.shape;
  if (n === undefined || d === undefined || d === 0 || more.length > 0)
    throw new BadArgumentError('inputs', `shape [${inputs.shape}]`, '[examples, features]');
  const { value, derivative } = dualActivations[nonlinearity];
  const [weight, bias] = [weightScale ** 2, biasScale ** 2];
  let nngp = zeros('float64', [n, n]);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let dot = 0;
      for (let k = 0; k < d; k++) dot += inputs.data[i * d + k]! * inputs.data[j * d + k]!;
      nngp.data[i * n + j] = (weight * dot) / d + bias;
    }
  }
  let ntk: NDArray<'float64'> = { ...nngp, data: nngp.data.slice() };
  for (let layer = 0; layer < hiddenLayers; layer++) {
    const [nextNngp, nextNtk] = [zeros('float64', [n, n]), zeros('float64', [n, n])];
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const at = i * n + j;
        const covariance = { uu: nngp.data[i * n + i]!, uv: nngp.data[at]!, vv: nngp.data[j * n + j]! };
        nextNngp.data[at] = weight * value(covariance) + bias;
        nextNtk.data[at] = nextNngp.data[at]! + weight * derivative(covariance) * ntk.data[at]!;
      }
    }
    [nngp, ntk] = [nextNngp, nextNtk];
  }
  return { nngp, ntk };
};
