import type { OptimizerSteps } from './optimizer.js';

export interface AdamSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
}

/** The settings of Adam and AdamW in addition to weight decay, with torch's defaults. */
export const momentSettings = {
  beta1: { default: 0.9, from: 0, below: 1 },
  beta2: { default: 0.999, from: 0, below: 1 },
  eps: { default: 1e-8, from: 0, below: Infinity },
} as const;

/**
 * torch.optim.Adam and AdamW with bias correction. The state is kept without the factors (1 − β), which the
 * step's scalars carry instead: `first` = m / (1 − β₁), `second` = v / (1 − β₂). An update is bound by memory, and this
 * leaves four passes over it fewer.
 *
 * @param decoupled AdamW: weights decay by themselves instead of through the gradient (Loshchilov & Hutter 2019)
 */
export const adamSteps = (
  { beta1, beta2, eps, weightDecay }: AdamSettings,
  decoupled: boolean,
): OptimizerSteps => ({
  state: ['first', 'second'],
  decays: weightDecay > 0,
  scalars: (step, learningRate) => {
    // m̂ / (√v̂ + ε) = rate · first / (√second + ε/k)
    const k = Math.sqrt((1 - beta2) / (1 - beta2 ** step));
    const rate = (learningRate * (1 - beta1)) / (1 - beta1 ** step) / k;
    return [rate, eps / k, 1 - learningRate * weightDecay];
  },
  update: ({ value, gradient, state }, [rate, epsilon, shrink], decay) => {
    const decays = decay && weightDecay > 0;
    const g = decays && !decoupled ? gradient.add(value.mul(weightDecay)) : gradient;
    const start = decays && decoupled ? value.mul(shrink!) : value;
    const first = state['first']!.mul(beta1).add(g);
    const second = state['second']!.mul(beta2).add(g.square());
    const step = first.div(second.sqrt().add(epsilon!)).mul(rate!);
    return { value: start.sub(step), state: { first, second } };
  },
});
