import { lockedDirectory } from '@ntk-lens/core';
import { fineTuneWith } from '../../training/run/fine-tune.js';
import {
  checkFineTuneOptions,
  completeOptions,
  type FineTuned,
  type FineTuneOptions,
  identityOf,
} from '../../training/run/fine-tune-options.js';
import { CheckpointDirectory } from './checkpoint-directory.js';

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
 * @throws DirectoryInUseError where another process trains in the directory; DamagedCheckpointError, OldCheckpointError
 * @throws DivergedError at the first loss that is not finite; CancelledError, with a checkpoint where there is a directory
 */
export const fineTune = async (options: FineTuneOptions): Promise<FineTuned> => {
  checkFineTuneOptions(options);
  const complete = completeOptions(options);
  const { directory } = complete;
  if (directory === undefined) return fineTuneWith(complete);
  return lockedDirectory(directory, async () =>
    fineTuneWith(complete, await CheckpointDirectory.open(directory, await identityOf(complete))),
  );
};
