export { weightCaps } from './caps.js';
export {
  NonFiniteWeightError,
  NoWeightsError,
  TruncatedWeightFileError,
  UnsafeShardNameError,
  UnsupportedDTypeError,
  WeightFileFormatError,
  WeightFileLimitError,
  WeightReadError,
} from './errors.js';
export { openWeights, weightFileNames } from './open-weights.js';
export { MissingWeightsError, WeightShapeError } from './resolve-errors.js';
export { type NamingConfig, resolveWeightNames, resolveWeights } from './resolve-weights.js';
export { openSafetensors, type SafetensorsFile } from './safetensors-file.js';
export {
  type StoredDType,
  type WeightDType,
  type WeightInfo,
  type WeightSource,
  weightDTypes,
} from './weight-source.js';
