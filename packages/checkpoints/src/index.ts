export { weightCaps } from './caps.js';
export {
  DifferentCopiesError,
  MissingShardsError,
  NonFiniteWeightError,
  NoWeightsError,
  QuantizedModelError,
  TruncatedWeightFileError,
  UnsafeShardNameError,
  UnsupportedDTypeError,
  WeightFileFormatError,
  WeightFileLimitError,
  WeightReadError,
  WeightWriteError,
} from './errors.js';
export {
  DamagedCacheError,
  DownloadMismatchError,
  HubAccessError,
  HubEntryNotFoundError,
  HubProtocolError,
  HubUnavailableError,
  ModelNotFoundError,
  OfflineModelError,
} from './hub/errors.js';
export type { HubOptions } from './hub/hub-connection.js';
export { isHubId } from './hub/hub-id.js';
export { type HubModel, hubModel } from './hub/hub-model.js';
export { shown } from './json/shown.js';
export { markWholeFloats } from './json/whole-floats.js';
export {
  Beta2Error,
  NotAdamStateError,
  OptimizerStateFormatError,
  TrainingStateError,
} from './optimizer-states/errors.js';
export type { ParameterKey, StoredMoment, StoredState } from './optimizer-states/stored-state.js';
export { tensorsStateFrom } from './optimizer-states/tensors-state.js';
export { torchStateFrom } from './optimizer-states/torch-state.js';
export { type SafetensorsFile, safetensorsFrom } from './safetensors/safetensors-from.js';
export { encodeSafetensors } from './safetensors/safetensors-parts.js';
export { shardsFrom } from './shards/sharded-source.js';
export { equalTensors } from './source/equal-tensors.js';
export { refuseQuantizedTensors } from './source/quantized-tensors.js';
export type { RandomAccess, WeightBytes } from './source/random-access.js';
export {
  type KnownTensors,
  type ReadOptions,
  type StoredDType,
  type WeightDType,
  type WeightInfo,
  type WeightSource,
  weightDTypes,
} from './source/weight-source.js';
export { encodeTorchFile } from './torch/encode-torch-file.js';
export { PickleEndError, PickleFormatError, PickleRefusedError } from './torch/pickle/pickle-errors.js';
export type { TorchWriteOptions } from './torch/pickle/pickle-writer.js';
export { type TorchValue, torchValueFrom } from './torch/torch-value.js';
export { torchWeightsFrom } from './torch/torch-weights.js';
