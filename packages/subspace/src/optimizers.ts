export {
  type NamedOptimizer,
  type OptimizerName,
  type OptimizerOptions,
  optimizerNamed,
  optimizerNames,
  optimizerOptions,
} from './training/optimizers/index.js';
export type { Optimizer, OptimizerTensors, OptimizerUpdate } from './training/optimizers/optimizer.js';
export type {
  AnalogousKernels,
  OptimizerDefinition,
  OptimizerOperations,
  OptimizerSetting,
} from './training/optimizers/optimizer-definition.js';
