export { ParametrizationError } from './errors.js';
export {
  type ParametrizationName,
  parametrizationNames,
  type StepKind,
  type StepScaling,
  stepKinds,
  type WidthExponents,
  type WidthRole,
  widthExponents,
} from './parametrizations.js';
export {
  type ParametrizationOptions,
  type Parametrized,
  parametrize,
  type WidthScale,
} from './parametrize.js';
export { type RandomModelOptions, randomModel } from './random-model.js';
export { widened } from './widened.js';
