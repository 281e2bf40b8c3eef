import { BadArgumentError } from '@ntk-lens/core';
import { identityOf, sign } from '@ntk-lens/engine';
import { type OptimizerOptions, optimizerNamed } from './index.js';
import type { Optimizer } from './optimizer.js';
import type { OptimizerSetting } from './optimizer-definition.js';

const checked = (setting: string, value: number, { from, below }: OptimizerSetting): number => {
  if (!(value >= from && value < below))
    throw new BadArgumentError(setting, value, `a number from ${from} to below ${below}`);
  return value;
};

/**
 * The optimizer that the options name, with torch.optim's defaults.
 *
 * @example
 * ```ts
 * createOptimizer({ name: 'sgd', momentum: 0.9 }).state; // ['momentum']
 * ```
 * @throws BadArgumentError for an unknown name or a number out of range
 */
export const createOptimizer = (options: OptimizerOptions): Optimizer => {
  const { name, ...numbers } = options;
  const given: Readonly<Record<string, number | undefined>> = numbers;
  const { settings, create } = optimizerNamed(name);
  const values = Object.entries(settings).map(
    ([setting, range]) => [setting, checked(setting, given[setting] ?? range.default, range)] as const,
  );
  const identity = identityOf([name, values]);
  return { name, identity, ...create(Object.fromEntries(values), { sign }) };
};
