import type { NDArray } from '@ntk-lens/core';

/** How a file calls a parameter: torch numbers them, other files name them. */
export type ParameterKey = string | number;

/** What a file holds of one parameter. */
export interface StoredMoment {
  /** Shape of `exp_avg_sq`. */
  readonly shape: readonly number[];
  /** Steps taken; absent where the file does not say. */
  step(): Promise<number | undefined>;
  /** Reads `exp_avg_sq` into a fresh array, unchecked. `parameter` is named in errors. */
  read(parameter: string): Promise<NDArray<'float32'>>;
}

/** An optimizer's state as a file holds it, before its parameters are matched with a model's. */
export interface StoredState {
  readonly format: 'torch' | 'safetensors';
  readonly moments: ReadonlyMap<ParameterKey, StoredMoment>;
  /** Parameters of each group, in order, those without a state included; absent where the file has no groups. */
  readonly groups?: readonly (readonly ParameterKey[])[];
  /** Names that the file itself gives to numbers, in the order of the groups. */
  readonly paramNames?: readonly string[];
  readonly beta2?: number;
  close(): Promise<void>;
}

/**
 * Fields by which optimizers other than plain Adam are told: factored or absent second moments, and amsgrad, whose
 * steps divide by the largest v so far.
 */
export const otherOptimizerFields: readonly string[] = [
  'exp_avg_sq_row',
  'exp_avg_sq_col',
  'row_var',
  'col_var',
  'max_exp_avg_sq',
];
