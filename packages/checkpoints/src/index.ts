export * from './hub/index.js';
export * from './optimizer-states/index.js';
export * from './weights/index.js';
