import type { LanguageModel } from '@ntk-lens/models';

/** A point θ_t of a training, read when it is wanted. */
export interface TrajectoryPoint {
  /** Optimizer steps from θ₀. */
  readonly step: number;
  open(): Promise<LanguageModel>;
}
