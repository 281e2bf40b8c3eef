export * from './index.js';
export { loadModel } from './node/load-model.js';
export { loadableModel } from './node/loadable-model.js';
export { readModelConfig } from './node/read-model-config.js';
export { type ReadSecondMomentOptions, readSecondMoment } from './node/read-second-moment.js';
export { type SaveModelOptions, saveModel } from './node/save-model.js';
