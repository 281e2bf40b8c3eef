import type { TensorNames } from './common-prefix.js';

const layerless = (name: string): string => name.replaceAll(/\.\d+(?=\.)/g, '.#');

/**
 * Stored tensors that are called like one that is used, except for the number of a layer.
 *
 * @param used names of the tensors that the model reads
 */
export const unusedLayers = ({ names }: TensorNames, used: Iterable<string>): readonly string[] => {
  const known = new Set(used);
  const patterns = new Set([...known].map(layerless).filter((pattern) => pattern.includes('.#')));
  return names.filter((name) => !known.has(name) && patterns.has(layerless(name)));
};
