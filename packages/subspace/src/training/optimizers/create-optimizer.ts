import { BadArgumentError } from '@ntk-lens/core';
import { adam } from './adam.js';
import { type Optimizer, type OptimizerOptions, optimizerNames } from './optimizer.js';
import { sgd } from './sgd.js';
import { signGd } from './sign-gd.js';

const within = (name: string, value: number, low: number, high: number): number => {
  if (!(value >= low && value < high)) {
    throw new BadArgumentError(name, value, `a number from ${low} to below ${high}`);
  }
  return value;
};

/**
 * The optimizer that the options name, with torch.optim's defaults.
 *
 * @throws BadArgumentError for an unknown name or a number out of range
 */
export const createOptimizer = (options: OptimizerOptions): Optimizer => {
  switch (options.name) {
    case 'sgd':
      return sgd({
        momentum: within('momentum', options.momentum ?? 0, 0, 1),
        weightDecay: within('weightDecay', options.weightDecay ?? 0, 0, Infinity),
      });
    case 'adam':
    case 'adamw':
      return adam({
        beta1: within('beta1', options.beta1 ?? 0.9, 0, 1),
        beta2: within('beta2', options.beta2 ?? 0.999, 0, 1),
        eps: within('eps', options.eps ?? 1e-8, 0, Infinity),
        weightDecay: within(
          'weightDecay',
          options.weightDecay ?? (options.name === 'adamw' ? 0.01 : 0),
          0,
          Infinity,
        ),
        decoupled: options.name === 'adamw',
      });
    case 'signgd':
      return signGd();
    default:
      throw new BadArgumentError('optimizer', (options as { name: string }).name, optimizerNames.join(', '));
  }
};
