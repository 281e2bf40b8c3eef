export { MissingWeightsError, UnusedLayersError, WeightShapeError } from './resolve-errors.js';
export type { NameRules } from './weight-names.js';
