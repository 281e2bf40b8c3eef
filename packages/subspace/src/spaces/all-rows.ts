import { type ParameterRef, rangeOf } from '@ntk-lens/models';

/** A use of a parameter with all of its rows, where the use takes chosen ones; a range of an axis stays one. */
export const withAllRows = (ref: ParameterRef): ParameterRef => {
  const range = rangeOf(ref);
  return { name: ref.name, shape: ref.shape, part: range };
};
