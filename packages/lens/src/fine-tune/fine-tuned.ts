import type { LongTaskOptions, NDArray } from '@ntk-lens/core';
import type { LanguageModel } from '@ntk-lens/models';
import type { HistoryEntry, ParameterSpace, SpaceModel } from '@ntk-lens/subspace';
import type { Scores } from '@ntk-lens/tasks';
import type { LensTask } from '../task/lens-task.js';
import type { TrainingPoint } from './resolve-training.js';
import type { Training } from './training.js';

/** Options of `lens.fineTune`. */
export interface FineTuneOptions extends Training, LongTaskOptions {
  /** In which parameters move. Default: that of the session. */
  readonly space?: string | ParameterSpace;
  /**
   * Where checkpoints, the trajectory and what dev chose are kept; a training that was interrupted there goes on, to the same
   * bytes. A point of another training is refused, other points are added. Default: nowhere.
   */
  readonly directory?: string;
  /** Remove what lies in the directory. Default: false. */
  readonly replace?: boolean;
}

/** One point of the grid. */
export interface GridPoint extends TrainingPoint {
  /** Score on dev at the kept step; absent where training diverged. */
  readonly dev?: number;
  /** The kept step; the step that could not be taken where training diverged. */
  readonly step: number;
  readonly diverged: boolean;
  readonly history: readonly HistoryEntry[];
  /** Wall-clock. */
  readonly seconds: number;
}

/** Scores at one point of a training. */
export interface TuningScores {
  readonly dev: Scores;
  readonly test: Scores;
}

/**
 * A fine-tuned model, the result of `lens.fineTune`. It reads from the session's model and is closed with it.
 */
export interface FineTuned extends TuningScores {
  readonly task: LensTask;
  readonly grid: readonly GridPoint[];
  /** Index of the point that dev chose, of which are the scores and the model. */
  readonly chosen: number;
  /** Scores at θ₀; absent without a prompt. */
  readonly zeroShot?: TuningScores;
  /** Numbers that move; tied ones count once. */
  readonly dimension: number;
  /** The model at which training started. */
  readonly space: SpaceModel;
  readonly model: LanguageModel;
  /** The model's outputs for the test examples, `[n, C]`. */
  readonly logits: NDArray<'float64'>;
  /** Directory of the training that dev chose, with its trajectory; absent without a directory. */
  readonly training?: string;
  /** The path of θ_T in the directory of `save`; absent without one. */
  readonly written?: string;
  /**
   * Writes θ_T: a Hugging Face directory `model/` where the model's own parameters moved, a PEFT adapter `adapter/` where
   * the space has one, else `point.safetensors` with `space.json`; a classifier in `classifier.safetensors`
   * (docs/formats.md, The directory of finetune).
   *
   * @example
   * ```ts
   * const tuned = await lens.fineTune(task, { space: 'lora:r=8', optimizer: 'adam' });
   * const adapter = await tuned.save('tuned'); // tuned/adapter
   * await lens.kernel(task, { space: `adapter:${adapter}` }); // the kernel at θ_T
   * ```
   * @returns path of what was written
   * @throws NoDiskError in a page; BadArgumentError for a model that is in no directory; WeightWriteError; CancelledError
   */
  save(directory: string, options?: LongTaskOptions): Promise<string>;
}
