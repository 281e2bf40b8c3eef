import { adamSteps, momentSettings } from './adam-steps.js';
import { defineOptimizer } from './optimizer-definition.js';
import { signGd } from './sign-gd.js';

/** torch.optim.AdamW: {@link adamSteps} with weights that decay by themselves. */
export const adamW = defineOptimizer({
  name: 'adamw',
  title: 'AdamW',
  settings: { ...momentSettings, weightDecay: { default: 0.01, from: 0, below: Infinity } },
  create: (settings) => adamSteps(settings, true),
  learningRate: 2e-5,
  learningRates: [1e-5, 2e-5, 5e-5],
  stepKind: 'adam',
  kernels: { main: 'signgd', ofTwoLabels: ['a-signgd'] },
  startsAs: signGd,
});
