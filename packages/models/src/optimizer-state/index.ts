export {
  MissingSecondMomentError,
  OptimizerModelError,
  OptimizerStepError,
  ParameterNamesError,
  SecondMomentValueError,
} from './errors.js';
export { type SecondMoment, type SecondMomentOptions, secondMomentFrom } from './second-moment.js';
