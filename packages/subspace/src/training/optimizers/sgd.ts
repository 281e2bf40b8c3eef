import type { OptimizerUpdate } from './optimizer.js';
import { defineOptimizer } from './optimizer-definition.js';

/**
 * torch.optim.SGD: b ← μ b + g, θ ← θ − η b, with weight decay as part of the gradient. State: `momentum`, where
 * μ > 0.
 */
export const sgd = defineOptimizer({
  name: 'sgd',
  title: 'SGD',
  settings: {
    momentum: { default: 0, from: 0, below: 1 },
    weightDecay: { default: 0, from: 0, below: Infinity },
  },
  create: ({ momentum, weightDecay }) => ({
    state: momentum > 0 ? ['momentum'] : [],
    decays: weightDecay > 0,
    scalars: (_step, learningRate) => [learningRate],
    update: ({ value, gradient, state }, [rate], decay): OptimizerUpdate => {
      const g = decay && weightDecay > 0 ? gradient.add(value.mul(weightDecay)) : gradient;
      if (momentum === 0) return { value: value.sub(g.mul(rate!)), state: {} };
      const buffer = state['momentum']!.mul(momentum).add(g);
      return { value: value.sub(buffer.mul(rate!)), state: { momentum: buffer } };
    },
  }),
  learningRate: 1e-3,
  learningRates: [1e-4, 5e-4, 1e-3, 5e-3, 1e-2],
  stepKind: 'sgd',
  kernels: { main: 'sgd', ofTwoLabels: [] },
});
