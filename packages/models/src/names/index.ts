export { DifferentCopiesError, MissingWeightsError, WeightShapeError } from './resolve-errors.js';
export { resolveWeightNames, resolveWeights } from './resolve-weights.js';
export type { CheckpointNaming, NameRules } from './weight-names.js';
