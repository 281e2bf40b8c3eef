import type { LongTaskOptions } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import { forwardLogits, type LanguageModel } from '@ntk-lens/models';
import { fractionRight, predictions } from '@ntk-lens/subspace';
import { type LanguageTaskName, languageTask } from '../language/labelled-task.js';
import { outputDerivatives } from '../natural/output-derivatives.js';
import type { ZeroShotRecord } from './rung.js';

/** Accuracy and mean |χ| of a model on 128 prompts of a task of the language. */
export const zeroShotOf = async (
  model: LanguageModel,
  runtime: Runtime,
  name: LanguageTaskName,
  long: LongTaskOptions = {},
): Promise<ZeroShotRecord> => {
  const { prompts, targets, labelWordIds } = languageTask({ name, size: 128, seed: 128 });
  const logits = await forwardLogits({ model, runtime, examples: prompts, labelWordIds, ...long });
  const { sizes } = outputDerivatives(logits, targets);
  return {
    accuracy: fractionRight(predictions(logits), targets),
    chi: sizes.reduce((sum, x) => sum + x, 0) / sizes.length,
  };
};
