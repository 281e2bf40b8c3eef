// Every solver that has a name: adding one is a line here.
export * from './asym.js';
export * from './gaussian-process.js';
export * from './gradient-flow.js';
export * from './kernel-logistic.js';
export * from './logistic.js';
export * from './lstsq.js';
export * from './svc.js';
export * from './svr.js';
