export { readTrajectory, type TrajectoryPoint } from './trajectory.js';
export { directionBetween, kernelSpaceAt } from './weights-at.js';
