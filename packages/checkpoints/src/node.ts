export * from './index.js';
export { type CachedModel, cachedModelList } from './node/hub/cached-model-list.js';
export type { ModelCheck } from './node/hub/download-model.js';
export { type ResolvedModel, type ResolveModelOptions, resolveModel } from './node/hub/resolve-model.js';
export { verifySnapshot } from './node/hub/verify-snapshot.js';
export {
  openSafetensors,
  openTensorsState,
  openTorchState,
  openTorchWeights,
  readTorchFile,
} from './node/open-files.js';
export { openWeights, weightFileNames } from './node/open-weights.js';
export { readJsonText } from './node/read-json-text.js';
export { type ModelDirectoryContents, saveModelDirectory } from './node/save-model-directory.js';
export { writeAtomically } from './node/write-atomically.js';
export { writeSafetensors, writeTorchFile } from './node/write-files.js';
