export {
  type CheckLadderOptions,
  checkLadder,
  type LadderCheck,
} from './check-ladder.js';
export type { ChiExponents, LadderExponents } from './ladder-findings.js';
export type { LadderTask, StepMeasurement } from './measure-step.js';
export type { KeepMeasurement } from './open-rung.js';
export { type LadderRung, readLadder } from './read-ladder.js';
export type { RungMeasurement } from './rung-measurement.js';
export {
  type LadderOptimizer,
  type LadderStep,
  type LadderStepKind,
  ladderStepKinds,
  ladderSteps,
} from './step-kinds.js';
