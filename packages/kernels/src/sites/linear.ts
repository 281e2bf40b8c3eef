import { tf } from '@ntk-lens/engine';
import { type LinearSite, usedSize } from '@ntk-lens/models';
import { type KernelSite, sumOf } from './kernel-site.js';

/** ∂W = Σ_t b_t a_tᵀ, a matrix kept as its factors; ∂bias = Σ_t b_t. */
export const linear: KernelSite<LinearSite> = {
  form: (_site, role) => (role === 'weight' ? 'matrix' : 'vector'),
  vectorRows: ({ bias }) => ({ row: 0, rows: bias ? usedSize(bias) : 0, width: 1 }),
  vector: (_site, _role, b) => b.sum(1),
  needsActivation: (_site, moving) => moving('weight'),
  along: ({ inFirst = false }, { direction, activation }) => {
    const weight = direction('weight');
    return sumOf(weight && flatProduct(activation(), weight, !inFirst), direction('bias'));
  },
};

const flatProduct = (x: tf.Tensor, weight: tf.Tensor, outFirst: boolean): tf.Tensor => {
  const [n, length, width] = x.shape as [number, number, number];
  const matrix = weight.reshape([weight.shape[0]!, -1]) as tf.Tensor2D;
  const y = tf.matMul(x.reshape([n * length, width]), matrix, false, outFirst);
  return y.reshape([n, length, y.shape[1]!]);
};
