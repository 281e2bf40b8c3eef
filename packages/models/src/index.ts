export * from './architectures/index.js';
export * from './batching/index.js';
export * from './config/index.js';
export * from './forward/index.js';
export * from './hub/index.js';
export { type LanguageModel, loadModel, modelFrom } from './language-model.js';
export { type SaveModelOptions, saveModel } from './save-model.js';
export * from './tokenizers/index.js';
export * from './weights/index.js';
