export type { TrajectoryPoint } from './trajectory-point.js';
export { directionBetween, kernelSpaceAt } from './weights-at.js';
