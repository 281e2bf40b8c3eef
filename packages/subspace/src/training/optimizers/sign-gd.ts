import { sign } from '@ntk-lens/engine';
import type { Optimizer } from './optimizer.js';

/** θ ← θ − η sign(g), sign(0) = 0 (docs/theory.md, SignGD). Clipping comes before the sign. */
export const signGd = (): Optimizer => ({
  name: 'signgd',
  state: [],
  decays: false,
  scalars: (_step, learningRate) => [learningRate],
  update: ({ value, gradient }, [rate]) => ({ value: value.sub(sign(gradient).mul(rate!)), state: {} }),
});
