export {
  Beta2Error,
  NotAdamStateError,
  OptimizerStateFormatError,
  TrainingStateError,
} from './errors.js';
export type { ParameterKey, StoredMoment, StoredState } from './stored-state.js';
export { openTensorsState } from './tensors-state.js';
export { openTorchState } from './torch-state.js';
