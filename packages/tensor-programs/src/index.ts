export * from './features/index.js';
export * from './linearization/index.js';
export * from './natural/index.js';
export * from './symbolic.js';
