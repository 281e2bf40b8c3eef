import type { LongTaskOptions, NDArray } from '@ntk-lens/core';
import type { LanguageModel } from '@ntk-lens/models';
import type { HistoryEntry, OptimizerName, ParameterSpace, SpaceModel } from '@ntk-lens/subspace';
import type { Scores } from '@ntk-lens/tasks';
import type { LensTask } from '../task/lens-task.js';

/** How a model is fine-tuned: everything that the result depends on besides the model, the task and the space. */
export interface Training {
  /** Default: `sgd`. */
  readonly optimizer?: OptimizerName;
  readonly momentum?: number;
  readonly weightDecay?: number;
  /** Learning rates and batch sizes to choose from on dev. Default: the middle of the protocol's grid, 8. */
  readonly learningRates?: readonly number[];
  readonly batchSizes?: readonly number[];
  /** Batches whose gradients make one step. Default: 1. */
  readonly accumulationSteps?: number;
  /** Optimizer steps. Default: 200. */
  readonly steps?: number;
  /** Default: `linear`. */
  readonly schedule?: 'linear' | 'constant';
  readonly warmUpSteps?: number;
  /** Largest global norm of the gradient; null: no limit. Default: 1. */
  readonly clipNorm?: number | null;
  /** Default: true. */
  readonly dropout?: boolean;
  /** Steps between evaluations on dev. Default: a tenth of all. */
  readonly evaluateEvery?: number;
  /** Evaluations in a row without a better score after which training stops. Default: it does not. */
  readonly patience?: number;
  /** How the classifier of a task without a prompt starts. Default: `random`. */
  readonly standard?: 'random' | 'probe';
  /** Steps after which parameters are kept; needs a directory. */
  readonly trajectory?: readonly number[];
}

/** What `lens.fineTune` takes. */
export interface FineTuneOptions extends Training, LongTaskOptions {
  /** In which parameters move. Default: that of the session. */
  readonly space?: string | ParameterSpace;
  /**
   * Where checkpoints, the trajectory and what dev chose are kept; a training that was interrupted there goes on, to the same
   * bytes. Default: nowhere.
   */
  readonly directory?: string;
  /** Replace what another training left in the directory. Default: it is refused. */
  readonly replace?: boolean;
}

/** One point of the grid. */
export interface GridPoint {
  readonly learningRate: number;
  readonly batchSize: number;
  /** Score on dev at the kept step; absent where training diverged. */
  readonly dev?: number;
  /** The kept step; the step that could not be taken where training diverged. */
  readonly step: number;
  readonly diverged: boolean;
  readonly history: readonly HistoryEntry[];
  /** Wall-clock. */
  readonly seconds: number;
}

/** A fine-tuned model: what `lens.fineTune` gives. It reads from the session's model and is closed with it. */
export interface FineTuned {
  readonly task: LensTask;
  readonly grid: readonly GridPoint[];
  /** Index of the point that dev chose. */
  readonly chosen: number;
  /** Scores at θ₀; absent without a prompt. */
  readonly zeroShot?: { readonly dev: Scores; readonly test: Scores };
  /** Scores at the point that dev chose. */
  readonly dev: Scores;
  readonly test: Scores;
  /** Numbers that move; tied ones count once. */
  readonly dimension: number;
  /** Where training started. */
  readonly space: SpaceModel;
  /** At the point that dev chose. */
  readonly model: LanguageModel;
  /** What it says of the test examples, `[n, C]`. */
  readonly logits: NDArray<'float64'>;
  /** Directory of the training that dev chose, with its trajectory; absent without a directory. */
  readonly training?: string;
  /** Where θ_T was written; absent without a directory. */
  readonly written?: string;
}
