export * from './symbolic.js';
