import { adamSteps, momentSettings } from './adam-steps.js';
import { defineOptimizer } from './optimizer-definition.js';
import { signGd } from './sign-gd.js';

/** torch.optim.Adam: {@link adamSteps} with weight decay as part of the gradient. */
export const adam = defineOptimizer({
  name: 'adam',
  title: 'Adam',
  settings: { ...momentSettings, weightDecay: { default: 0, from: 0, below: Infinity } },
  create: (settings) => adamSteps(settings, false),
  learningRate: 2e-5,
  learningRates: [1e-5, 2e-5, 5e-5],
  stepKind: 'adam',
  kernels: { main: 'signgd', ofTwoLabels: ['a-signgd'] },
  startsAs: signGd,
});
