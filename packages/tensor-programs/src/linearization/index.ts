export {
  type LinearizationError,
  type LinearizationRequest,
  linearizationError,
} from './linearization-error.js';
export { type GainScores, recoveredGain } from './recovered-gain.js';
