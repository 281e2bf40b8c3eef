import { tf } from '@ntk-lens/engine';
import type { LinearSite } from '../../sites/linear.js';

/**
 * A convolution along the tokens as a linear site, whose input is the states of neighbouring tokens side by side. Its weight is
 * stored `[out, in, kernel]`.
 */
export const convolutionSite = (name: string, module: string, size: number, kernel: number): LinearSite => ({
  kind: 'linear',
  name,
  weight: { name: `${module}.weight`, shape: [size, size, kernel] },
  bias: { name: `${module}.bias`, shape: [size] },
});

/**
 * Every coordinate of a token next to itself at the tokens around: `[n, T, d]` → `[n, T, d · kernel]`, with zeros outside of
 * the text.
 *
 * @param kernel an odd number
 */
export const neighbours = (x: tf.Tensor, kernel: number): tf.Tensor => {
  const [n, length, d] = x.shape as [number, number, number];
  const around = (kernel - 1) / 2;
  const padded = x.pad([
    [0, 0],
    [around, around],
    [0, 0],
  ]);
  const shifted = Array.from({ length: kernel }, (_, start) => padded.slice([0, start, 0], [n, length, d]));
  return tf.stack(shifted, 3).reshape([n, length, d * kernel]);
};
