import type { ParameterKey, StoredState } from '@ntk-lens/checkpoints';
import type { NDArray } from '@ntk-lens/core';
import { SecondMomentValueError } from './errors.js';

/** Index of the first number that is no mean of squares, or -1. */
const firstImpossible = (data: Float32Array): number => {
  for (let i = 0; i < data.length; i++) if (!(data[i]! >= 0 && data[i]! < Infinity)) return i;
  return -1;
};

/**
 * Reads v of one parameter into a fresh array.
 *
 * @throws SecondMomentValueError for a number that is negative or not finite; every error of the weight readers
 */
export const readPossible = async (
  file: string,
  state: StoredState,
  parameter: string,
  key: ParameterKey,
): Promise<NDArray<'float32'>> => {
  const v = await state.moments.get(key)!.read(parameter);
  const bad = firstImpossible(v.data);
  if (bad >= 0) throw new SecondMomentValueError(file, parameter, bad, v.data[bad]!);
  return v;
};

/**
 * Checks every v that a model has, one at a time, so that at most one is in memory. A tensor that several parameters
 * share is read once.
 *
 * @param matched parameter → key
 * @throws SecondMomentValueError for the first parameter with a number that is negative or not finite
 */
export const checkMoments = async (
  file: string,
  state: StoredState,
  matched: ReadonlyMap<string, ParameterKey>,
): Promise<void> => {
  const checked = new Set<ParameterKey>();
  for (const [parameter, key] of matched) {
    if (checked.has(key)) continue;
    checked.add(key);
    await readPossible(file, state, parameter, key);
  }
};
