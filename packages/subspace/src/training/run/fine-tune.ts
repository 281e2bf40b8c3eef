import { BadArgumentError } from '@ntk-lens/core';
import {
  type CompleteOptions,
  checkFineTuneOptions,
  completeOptions,
  type FineTuned,
  type FineTuneOptions,
} from './fine-tune-options.js';
import { FineTuneRun } from './fine-tune-run.js';
import type { TrainingStore } from './training-record.js';

/** Fine-tunes with options that were checked, keeping checkpoints in the store if there is one. */
export const fineTuneWith = async (options: CompleteOptions, store?: TrainingStore): Promise<FineTuned> => {
  const run = await FineTuneRun.open(options, store);
  try {
    return await run.finish();
  } finally {
    await run.close();
  }
};

/**
 * Fine-tunes a model on the logits of label words, choosing the step on a development set.
 *
 * @example
 * ```ts
 * const lora = await parseSpace('lora:r=8').apply(model, { seed: 1 });
 * const { model: tuned, kept } = await fineTune({
 *   runtime, model: lora, labelWordIds, train, dev,
 *   optimizer: { name: 'adam' }, learningRate: 1e-4, steps: 200, batchSize: 8, clipNorm: 1,
 * });
 * kept.step; // where dev accuracy was highest first
 * ```
 * @throws DevelopmentSetError, NothingTrainableError, BadArgumentError, OtherTrainingError before any work
 * @throws DivergedError at the first loss that is not finite; CancelledError, with a checkpoint where there is a directory
 */
export const fineTune = async (options: FineTuneOptions): Promise<FineTuned> => {
  checkFineTuneOptions(options);
  if (options.directory !== undefined)
    throw new BadArgumentError(
      'directory',
      options.directory,
      'none outside of Node, which keeps checkpoints',
    );
  return fineTuneWith(completeOptions(options));
};
