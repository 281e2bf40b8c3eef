import type { Optimizer, OptimizerUpdate } from './optimizer.js';

export interface SgdOptions {
  readonly momentum: number;
  readonly weightDecay: number;
}

/**
 * torch.optim.SGD: b ← μ b + g, θ ← θ − η b, with weight decay as part of the gradient. State: `momentum`, where
 * μ > 0.
 */
export const sgd = ({ momentum, weightDecay }: SgdOptions): Optimizer => ({
  name: `sgd momentum=${momentum} decay=${weightDecay}`,
  state: momentum > 0 ? ['momentum'] : [],
  decays: weightDecay > 0,
  scalars: (_step, learningRate) => [learningRate],
  update: ({ value, gradient, state }, [rate], decay): OptimizerUpdate => {
    const g = decay && weightDecay > 0 ? gradient.add(value.mul(weightDecay)) : gradient;
    if (momentum === 0) return { value: value.sub(g.mul(rate!)), state: {} };
    const buffer = state['momentum']!.mul(momentum).add(g);
    return { value: value.sub(buffer.mul(rate!)), state: { momentum: buffer } };
  },
});
