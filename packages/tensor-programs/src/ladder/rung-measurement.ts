import type { StepMeasurement } from './measure-step.js';
import type { LadderStepKind } from './step-kinds.js';

/** Output derivatives of one model before any step. */
export interface RungChi {
  readonly directory: string;
  readonly width: number;
  readonly seed: number;
  /** Mean |χ| on the task before any step: ½ Σ_c |χ_c| = 1 − p(right label). */
  readonly chi: number;
}

/** The measurements of one model. */
export interface RungMeasurement extends RungChi {
  readonly steps: Readonly<Record<LadderStepKind, StepMeasurement>>;
}
