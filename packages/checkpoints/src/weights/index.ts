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
export { PickleEndError, PickleFormatError, PickleRefusedError } from './pickle-errors.js';
export type { TorchWriteOptions } from './pickle-writer.js';
export { readJsonText } from './read-json-text.js';
export { readTorchFile, type TorchValue } from './read-torch-file.js';
export { openSafetensors, type SafetensorsFile } from './safetensors-file.js';
export { type ModelDirectoryContents, saveModelDirectory } from './save-model-directory.js';
export { shown } from './shown.js';
export { openTorchWeights } from './torch-weights.js';
export {
  type StoredDType,
  type WeightDType,
  type WeightInfo,
  type WeightSource,
  weightDTypes,
} from './weight-source.js';
export { WeightWriteError, writeAtomically } from './write-atomically.js';
export { writeSafetensors } from './write-safetensors.js';
export { encodeTorchFile, writeTorchFile } from './write-torch-file.js';
