export { type LossName, targetsOf } from '@ntk-lens/kernels';
export {
  DamagedCheckpointError,
  DevelopmentSetError,
  DivergedError,
  NothingTrainableError,
  OtherTrainingError,
} from './errors.js';
export { createOptimizer } from './optimizers/create-optimizer.js';
export { BatchOrder } from './run/batch-order.js';
export {
  checkDevelopmentSet,
  fractionRight,
  type LabelledExamples,
  type Metric,
  predictions,
} from './run/development.js';
export { fineTune } from './run/fine-tune.js';
export { checkFineTuneOptions, type FineTuned, type FineTuneOptions } from './run/fine-tune-options.js';
export { type LearningRateScale, type TargetedBatch, Trainer, type TrainerOptions } from './run/trainer.js';
export type { HistoryEntry } from './run/training-record.js';
export { learningRateAt, type Schedule } from './schedule.js';
export { pointOf } from './space-point.js';
export { type ClassifierHead, randomHead, withClassifier } from './standard-head.js';
export type { Variable, VariablePlan } from './variables/plan-variables.js';
export { type TunedVariable, tunedModel } from './variables/tuned-model.js';
