import type { tf } from '@ntk-lens/engine';

/** c tanh(x / c): x while it is small, and never beyond ±c (Gemma 2). */
export const softCapped = (x: tf.Tensor, cap: number): tf.Tensor => x.div(cap).tanh().mul(cap);
