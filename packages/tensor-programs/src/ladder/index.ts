export {
  type CheckLadderOptions,
  checkLadder,
  type LadderCheck,
  type LadderStepKind,
  ladderStepKinds,
  type RungMeasurement,
} from './check-ladder.js';
export type { ChiExponents, LadderExponents } from './ladder-findings.js';
export type { LadderTask, StepMeasurement } from './measure-step.js';
export type { KeepMeasurement } from './open-rung.js';
export { type LadderRung, readLadder } from './read-ladder.js';
