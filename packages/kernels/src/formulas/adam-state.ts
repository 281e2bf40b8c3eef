import type { NDArray } from '@ntk-lens/core';

/** Where v, the second moment of an Adam optimizer, comes from: `readSecondMoment` of `@ntk-lens/models` gives one. */
export interface AdamState {
  /** t: steps that were taken, from 1. */
  readonly step: number;
  /** β₂. */
  readonly beta2: number;
  /** v of a parameter, in its shape: a fresh array. */
  read(parameter: string): Promise<NDArray<'float32'>>;
  has(parameter: string): boolean;
  /** A description as plain JSON for manifests. */
  readonly describe: Readonly<Record<string, unknown>>;
}
