export {
  MissingSecondMomentError,
  OptimizerModelError,
  OptimizerStepError,
  ParameterNamesError,
  SecondMomentValueError,
} from './errors.js';
export { readSecondMoment, type SecondMoment, type SecondMomentOptions } from './read-second-moment.js';
