import { tf } from '@ntk-lens/engine';
import { gelu } from '../../sites/differentiated.js';
import type { SideInputs } from '../../stages/side-inputs.js';
import type { Activation } from '../network-config.js';

/** Coordinatewise nonlinearities, by transformers' names. */
export const activate = (name: Activation, x: tf.Tensor): tf.Tensor => {
  switch (name) {
    case 'gelu':
      return gelu(x);
    case 'gelu_new':
      return x.mul(0.5).mul(tf.tanh(x.add(x.mul(x).mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI))).add(1));
    case 'relu':
      return x.relu();
    case 'silu':
      return x.mul(x.sigmoid());
    case 'tanh':
      return x.tanh();
  }
};

/** Score bias `[n, 1, 1, T]` that keeps attention off the padding: exp(−1e9) is exactly 0 in float32. */
export const paddingBias = (side: SideInputs): tf.Tensor => {
  const [n, length] = side.attention.shape as [number, number];
  return side.attention.sub(1).mul(1e9).reshape([n, 1, 1, length]);
};

/**
 * Score bias of a causal model: `[n, 1, T, T]`, or `[n, 1, 1, T]` for the row that is read out alone. Keeps
 * attention off later tokens and off the padding.
 *
 * @param window a token sees so many tokens, itself included. Default: all before it
 */
export const causalBias = (side: SideInputs, readOutOnly: boolean, window?: number): tf.Tensor => {
  const [n, length] = side.positions.shape as [number, number];
  const positions = side.positions.toFloat();
  const keys = positions.reshape([n, 1, length]);
  const queries = positions.reshape([n, length, 1]);
  const from = readOutOnly ? tf.matMul(side.readout, queries) : queries;
  const ahead = keys.sub(from);
  const later = ahead.step().mul(-1e9);
  const outside =
    window === undefined
      ? later
      : later.add(
          ahead
            .add(window - 1)
            .neg()
            .step()
            .mul(-1e9),
        );
  return outside.expandDims(1).add(paddingBias(side));
};

/** The hidden state at the token whose logits are read: `[n, 1, d]`. */
export const readOut = (side: SideInputs, x: tf.Tensor): tf.Tensor => tf.matMul(side.readout, x);
