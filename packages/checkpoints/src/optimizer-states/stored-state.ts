import { type NDArray, sha256 } from '@ntk-lens/core';
import { bytesFrom, type RandomAccess } from '../source/random-access.js';

/** A file's key for a parameter: torch numbers them, other files name them. */
export type ParameterKey = string | number;

/** A file's entry for one parameter. */
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
  /** Path or name of the file. */
  readonly file: string;
  /** SHA-256 of the whole file, hexadecimal. */
  sha256(): Promise<string>;
  readonly moments: ReadonlyMap<ParameterKey, StoredMoment>;
  /** Parameters of each group, in order, those without a state included; absent where the file has no groups. */
  readonly groups?: readonly (readonly ParameterKey[])[];
  /** Names that the file itself gives to numbers, in the order of the groups. */
  readonly paramNames?: readonly string[];
  readonly beta2?: number;
  close(): Promise<void>;
}

/**
 * Fields that identify optimizers other than plain Adam: factored or absent second moments, and amsgrad,
 * whose steps divide by the largest v so far.
 */
export const otherOptimizerFields: readonly string[] = [
  'exp_avg_sq_row',
  'exp_avg_sq_col',
  'row_var',
  'col_var',
  'max_exp_avg_sq',
];

/** The part of a state that is the same in every format. */
export const storedIn = (access: RandomAccess): Pick<StoredState, 'file' | 'sha256' | 'close'> => ({
  file: access.name,
  sha256: async () => {
    const hash = sha256();
    for await (const piece of bytesFrom(access, 0, access.size)) hash.update(piece);
    return hash.hex();
  },
  close: () => access.close(),
});
