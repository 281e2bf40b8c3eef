import {
  QuantizedModelError,
  UnsupportedDTypeError,
  type WeightSource,
  weightDTypes,
} from '@ntk-lens/checkpoints';

/**
 * Refuses parameters that are stored in a type that is none of weights, before any of them is read.
 *
 * @param stored names of the tensors that hold the parameters
 * @throws QuantizedModelError for integers, UnsupportedDTypeError for other types
 */
export const refuseOtherTypes = (source: WeightSource, stored: Iterable<string>): void => {
  for (const name of stored) {
    const { dtype, file } = source.info(name);
    if ((weightDTypes as readonly string[]).includes(dtype)) continue;
    if (dtype === 'BOOL') throw new UnsupportedDTypeError(file, name, dtype, weightDTypes);
    throw new QuantizedModelError(file, `the weight "${name}" in integers of type ${dtype}`);
  }
};
