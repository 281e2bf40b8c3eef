import { Mt19937, ndarray, sizeOf } from '@ntk-lens/core';
import type { Resident, Runtime } from '@ntk-lens/engine';
import type { DropoutPlace } from '@ntk-lens/models';

const BITS = 2 ** 16;

/**
 * Factors for dropout: 0 with the place's probability, else 1/(1 − p). Each takes 16 random bits, so that the
 * probability is right to 2⁻¹⁷.
 */
export const drawMask = ({ shape, rate }: DropoutPlace, random: Mt19937): Float32Array => {
  const mask = new Float32Array(sizeOf(shape));
  const dropped = Math.round(rate * BITS);
  const kept = 1 / (1 - rate);
  for (let i = 0; i < mask.length; i += 2) {
    const bits = random.uint32();
    if ((bits & 0xffff) >= dropped) mask[i] = kept;
    if (bits >>> 16 >= dropped && i + 1 < mask.length) mask[i + 1] = kept;
  }
  return mask;
};

/**
 * Uploads the dropout masks of a stage.
 *
 * @param seed seed of this stage in this batch: its masks depend on nothing else
 */
export const uploadMasks = async (
  runtime: Runtime,
  places: ReadonlyMap<string, DropoutPlace>,
  seed: readonly number[],
): Promise<Readonly<Record<string, Resident>>> => {
  const random = new Mt19937(seed);
  const masks: Record<string, Resident> = {};
  for (const [name, place] of places)
    masks[name] = await runtime.upload(ndarray<'float32'>(drawMask(place, random), place.shape));
  return masks;
};
