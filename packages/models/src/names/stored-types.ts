import {
  type KnownTensors,
  QuantizedModelError,
  UnsupportedDTypeError,
  weightDTypes,
} from '@ntk-lens/checkpoints';

/**
 * Refuses parameters that are stored in a type that weights do not have, before any of them is read.
 *
 * @param stored names of the tensors that hold the parameters
 * @throws QuantizedModelError for integers, UnsupportedDTypeError for other types
 */
export const refuseOtherTypes = (source: KnownTensors, stored: Iterable<string>): void => {
  for (const name of stored) {
    const info = source.info(name);
    if (info === undefined) continue;
    const { dtype, file } = info;
    if ((weightDTypes as readonly string[]).includes(dtype)) continue;
    if (dtype === 'BOOL') throw new UnsupportedDTypeError(file, name, dtype, weightDTypes);
    throw new QuantizedModelError(file, `the weight "${name}" in integers of type ${dtype}`);
  }
};
