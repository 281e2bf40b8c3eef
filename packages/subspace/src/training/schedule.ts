import { BadArgumentError } from '@ntk-lens/core';

/** The learning rate over the steps, as in transformers' schedules of these names. */
export interface Schedule {
  /** `linear` (default): down to 0 after the last step; `constant`: the same throughout. */
  readonly decay?: 'linear' | 'constant';
  /** Steps over which the rate rises linearly from 0. Default: 0. */
  readonly warmUpSteps?: number;
}

/**
 * Learning rate of an optimizer step.
 *
 * @example
 * ```ts
 * learningRateAt({ decay: 'linear', warmUpSteps: 2 }, 1e-3, 1, 10); // 0: transformers starts from 0
 * ```
 * @param step from 1 to `steps`
 * @throws BadArgumentError for a warm-up that is not from 0 to `steps`
 */
export const learningRateAt = (
  { decay = 'linear', warmUpSteps = 0 }: Schedule,
  learningRate: number,
  step: number,
  steps: number,
): number => {
  if (!(Number.isInteger(warmUpSteps) && warmUpSteps >= 0 && warmUpSteps <= steps)) {
    throw new BadArgumentError('warmUpSteps', warmUpSteps, `an integer from 0 to ${steps}`);
  }
  const taken = step - 1;
  if (taken < warmUpSteps) return (learningRate * taken) / warmUpSteps;
  if (decay === 'constant') return learningRate;
  return (learningRate * (steps - taken)) / (steps - warmUpSteps);
};
