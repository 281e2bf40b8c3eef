export { MissingWeightsError, WeightShapeError } from './resolve-errors.js';
export { type CheckpointNaming, resolveWeightNames, resolveWeights } from './resolve-weights.js';
export type { NameRules } from './weight-names.js';
