import { tf } from '@ntk-lens/engine';
import { gelu, silu } from '../../sites/differentiated.js';
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
      return silu(x);
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
 * Score bias of a causal model: `[n, 1, T, T]`, or `[n, 1, R, T]` for the rows that are read out alone. Keeps
 * attention off later tokens, off other branches and off the padding.
 *
 * @param window a token sees so many tokens, itself included. Default: all before it
 */
export const causalBias = (side: SideInputs, readOutOnly: boolean, window?: number): tf.Tensor => {
  const [n, length] = side.positions.shape as [number, number];
  const keysOf = (x: tf.Tensor) => x.reshape([n, 1, length]);
  const queriesOf = (x: tf.Tensor) => {
    const all = x.reshape([n, length, 1]);
    return readOutOnly ? tf.matMul(side.readout, all) : all;
  };
  const positions = side.positions.toFloat();
  const ahead = keysOf(positions).sub(queriesOf(positions));
  const later = ahead.step();
  const unseen =
    window === undefined
      ? later
      : later.add(
          ahead
            .add(window - 1)
            .neg()
            .step(),
        );
  const hidden = side.branches
    ? unseen.add(otherBranch(keysOf(side.branches), queriesOf(side.branches)))
    : unseen;
  return hidden.mul(-1e9).expandDims(1).add(paddingBias(side));
};

/** 1 where a key is in a branch that is not the query's. */
const otherBranch = (keys: tf.Tensor, queries: tf.Tensor): tf.Tensor =>
  keys.sub(queries).abs().step().mul(keys.step());

/** Logits `[n, R, L]` of the tokens that are read as `[n, R · L]`. */
export const flatten = (logits: tf.Tensor): tf.Tensor => logits.reshape([logits.shape[0]!, -1]);

/** Score bias `[n, 1, 1 or T, T]` that keeps attention off tokens more than `reach` away on either side, and off the padding. */
export const windowBias = (side: SideInputs, readOutOnly: boolean, reach: number): tf.Tensor => {
  const [n, length] = side.positions.shape as [number, number];
  const positions = side.positions.toFloat();
  const queries = positions.reshape([n, length, 1]);
  const from = readOutOnly ? tf.matMul(side.readout, queries) : queries;
  const away = positions.reshape([n, 1, length]).sub(from).abs();
  return away.sub(reach).step().mul(-1e9).expandDims(1).add(paddingBias(side));
};

/** The hidden state at the tokens whose logits are read: `[n, R, d]`. */
export const readOut = (side: SideInputs, x: tf.Tensor): tf.Tensor => tf.matMul(side.readout, x);
