export * from './architectures/index.js';
export * from './batching/index.js';
export * from './config/index.js';
export { type LanguageModel, loadModel, modelFrom } from './language-model.js';
export * from './weights/index.js';
export * from './tokenizers/index.js';
