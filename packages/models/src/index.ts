export * from './config/index.js';
export * from './weights/index.js';
