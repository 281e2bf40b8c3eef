export type { ChiExponents, LadderExponents } from './ladder-findings.js';
export type { LadderRung } from './ladder-rung.js';
export type { LadderTask, StepMeasurement } from './measure-step.js';
export type { RungChi, RungMeasurement } from './rung-measurement.js';
export {
  type LadderOptimizer,
  type LadderStep,
  type LadderStepKind,
  ladderStepKinds,
  ladderSteps,
} from './step-kinds.js';
