import type { LongTaskOptions } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import type { LanguageModel } from '../language-model.js';
import type { StageWeights } from './stage-weights.js';
import { StreamedWeights } from './stream-stage-weights.js';
import { uploadStageWeights } from './upload-stage-weights.js';
import { type WeightedStage, weightBytesOf } from './weight-uses.js';

/** Budget of work that names none, in bytes. */
export const DEFAULT_MEMORY = 4 * 2 ** 30;

/** Bytes that work needs in addition to weights, for a process with its libraries, compiled programs and a batch. */
const WORK_BYTES = 768 * 2 ** 20;

/** True where the weights of stages do not fit a budget together with the work on them: they are then streamed. */
export const exceedsMemory = (
  model: Pick<LanguageModel, 'storedName'>,
  stages: readonly WeightedStage[],
  memory = DEFAULT_MEMORY,
): boolean => weightBytesOf(model, stages) + WORK_BYTES > memory;

/**
 * The weights of stages: all of them in the runtime's memory, or streamed, which gives the same numbers.
 *
 * @param streamed read them stage by stage
 * @throws what {@link uploadStageWeights} throws; streamed weights throw it when they are asked for
 */
export const openStageWeights = async (
  runtime: Runtime,
  model: Pick<LanguageModel, 'read' | 'storedName'>,
  stages: readonly WeightedStage[],
  streamed: boolean,
  options: LongTaskOptions = {},
): Promise<StageWeights> =>
  streamed
    ? new StreamedWeights(runtime, model, stages, options.signal)
    : uploadStageWeights(runtime, model, stages, options);
