// Every formula that has a name: adding one is a line here.
export * from './a-sign-gd.js';
export * from './adam.js';
export * from './cosine.js';
export * from './sgd.js';
export * from './sign-gd.js';
