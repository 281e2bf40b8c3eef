import type { LongTaskOptions } from '@ntk-lens/core';
import type { RunConfig } from '../../options/run-config.js';
import type { CellData } from '../load-cell.js';
import type { LoadedModel } from '../model/opened-model.js';
import type { LabelScorer } from './score-labels.js';
import { type ZeroShotMethod, zeroShotMethods } from './zero-shot-methods.js';

/** Zero-shot beyond the logits that kernels come with: over several contexts, and calibrated; empty unless asked for. */
export const zeroShotVariants = async (
  config: RunConfig,
  prompt: Pick<LabelScorer, 'task' | 'verbalizer' | 'model'>,
  { prompts, gold }: Pick<CellData, 'prompts' | 'gold'>,
  model: Pick<LoadedModel, 'forward'>,
  options: LongTaskOptions,
): Promise<readonly ZeroShotMethod[]> => {
  if (config.calibrate !== true && prompts.contexts.length === 1) return [];
  const machine = {
    runtime: config.runtime,
    ...(config.threads !== undefined && { threads: config.threads }),
    ...options,
  };
  const [, ...variants] = await zeroShotMethods(
    { ...prompt, prompts, forward: model.forward, machine },
    gold,
    config.calibrate ?? false,
  );
  return variants;
};
