export {
  type LinearizationError,
  type LinearizationRequest,
  linearizationError,
} from './linearization-error.js';
export {
  type LinearizedPoint,
  type MeasuredLinearization,
  type MeasuredStep,
  type MeasureOptions,
  measureLinearization,
  measureSteps,
  type StepPair,
} from './measure-linearization.js';
export { type GainScores, recoveredGain } from './recovered-gain.js';
