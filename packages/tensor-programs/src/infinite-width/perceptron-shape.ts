import { BadArgumentError } from '@ntk-lens/core';
import { type AnalyticNonlinearity, analyticNonlinearities } from './dual-activation.js';

/**
 * A multilayer perceptron in NTK parametrization, at any width n:
 * h_1 = σ_w W_1 x / √d + σ_b b_1, h_{l+1} = σ_w W_{l+1} φ(h_l) / √n + σ_b b_{l+1}, f = h_{L+1}, all parameters from N(0, 1).
 */
export interface PerceptronShape {
  readonly nonlinearity: AnalyticNonlinearity;
  /** L. */
  readonly hiddenLayers: number;
  /** σ_w. Default: 1. */
  readonly weightScale?: number;
  /** σ_b. Default: 0, no biases. */
  readonly biasScale?: number;
}

/**
 * The shape with its defaults filled in.
 *
 * @throws BadArgumentError
 */
export const checkedShape = (shape: PerceptronShape): Required<PerceptronShape> => {
  const { nonlinearity, hiddenLayers, weightScale = 1, biasScale = 0 } = shape;
  if (!analyticNonlinearities.includes(nonlinearity))
    throw new BadArgumentError('nonlinearity', nonlinearity, analyticNonlinearities.join(' or '));
  if (!(Number.isInteger(hiddenLayers) && hiddenLayers >= 1))
    throw new BadArgumentError('hiddenLayers', hiddenLayers, 'a positive integer');
  if (!(weightScale > 0 && weightScale < Infinity))
    throw new BadArgumentError('weightScale', weightScale, 'a positive number');
  if (!(biasScale >= 0 && biasScale < Infinity))
    throw new BadArgumentError('biasScale', biasScale, 'a number that is not negative');
  return { nonlinearity, hiddenLayers, weightScale, biasScale };
};
