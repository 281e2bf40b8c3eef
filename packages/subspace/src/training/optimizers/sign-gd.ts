import { defineOptimizer } from './optimizer-definition.js';

/**
 * θ ← θ − η sign(g), sign(0) = 0 (docs/theory.md, SignGD). Clipping comes before the sign. Its learning rates are Adam's, whose steps
 * have the same size.
 */
export const signGd = defineOptimizer({
  name: 'signgd',
  title: 'SignGD',
  settings: {},
  create: (_settings, { sign }) => ({
    state: [],
    decays: false,
    scalars: (_step, learningRate) => [learningRate],
    update: ({ value, gradient }, [rate]) => ({ value: value.sub(sign(gradient).mul(rate!)), state: {} }),
  }),
  learningRate: 2e-5,
  learningRates: [1e-5, 2e-5, 5e-5],
  stepKind: 'adam',
  kernels: { main: 'signgd', ofTwoLabels: ['a-signgd'] },
});
