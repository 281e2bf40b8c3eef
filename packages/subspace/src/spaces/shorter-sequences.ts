import { BadArgumentError } from '@ntk-lens/core';
import type { ModelConfig } from '@ntk-lens/models';

/**
 * The configuration of a model some of whose positions are taken.
 *
 * @throws BadArgumentError if none are left
 */
export const shorterSequences = (config: ModelConfig, taken: number): ModelConfig => {
  const maxTokens = config.maxTokens - taken;
  if (maxTokens < 1)
    throw new BadArgumentError('tokens', taken, `fewer than the ${config.maxTokens} positions of the model`);
  return { ...config, maxTokens };
};
