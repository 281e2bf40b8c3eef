export * from './index.js';
export { parseSpace, spaceSyntaxes } from './node/parse-space.js';
export { adapterSpace } from './node/peft/adapter-space.js';
export { readAdapter } from './node/peft/read-adapter.js';
export { type WriteAdapterOptions, writeAdapter } from './node/peft/write-adapter.js';
export { fineTune } from './node/training/fine-tune.js';
export { readPoint } from './node/training/read-point.js';
export {
  OldCheckpointError,
  readStoredTraining,
  type StoredFile,
  type StoredTraining,
  verifyStoredFile,
} from './node/training/stored-training.js';
