export {
  Beta2Error,
  MissingSecondMomentError,
  NotAdamStateError,
  OptimizerModelError,
  OptimizerStateFormatError,
  OptimizerStepError,
  ParameterNamesError,
  SecondMomentValueError,
  TrainingStateError,
} from './errors.js';
export { readSecondMoment, type SecondMoment, type SecondMomentOptions } from './read-second-moment.js';
