export { NoTrajectoryError, OtherStartError } from './errors.js';
export * from './features/index.js';
export * from './findings/index.js';
export * from './linearization/index.js';
export * from './natural/index.js';
export * from './sign-gd/index.js';
export * from './symbolic.js';
export * from './trajectory/index.js';
