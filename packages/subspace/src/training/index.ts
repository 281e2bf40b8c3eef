export {
  DamagedCheckpointError,
  DevelopmentSetError,
  DivergedError,
  NothingTrainableError,
  OtherTrainingError,
} from './errors.js';
export type { LossName } from './losses.js';
export { type OptimizerName, type OptimizerOptions, optimizerNames } from './optimizers/optimizer.js';
export { learningRateAt, type Schedule } from './schedule.js';
