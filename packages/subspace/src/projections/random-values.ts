import { Mt19937, type NDArray, ndarray, type Random, sizeOf } from '@ntk-lens/core';

/** 32-bit FNV-1a of a text's UTF-16 units. */
export const hash32 = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
};

/**
 * Random numbers of one parameter: those of a seed and a name, so that they do not depend on which other
 * parameters a space has.
 */
export const randomOf = (seed: number, name: string, ...more: readonly number[]): Random =>
  new Mt19937([seed, hash32(name), ...more]);

/** Uniform numbers in [−limit, limit). */
export const uniform = (random: Random, shape: readonly number[], limit: number): NDArray<'float32'> =>
  ndarray<'float32'>(
    Float32Array.from({ length: sizeOf(shape) }, () => limit * (2 * random.randomSample() - 1)),
    shape,
  );

/** Normal numbers with mean 0 and this standard deviation. */
export const normal = (random: Random, shape: readonly number[], deviation: number): NDArray<'float32'> =>
  ndarray<'float32'>(
    Float32Array.from({ length: sizeOf(shape) }, () => deviation * random.standardNormal()),
    shape,
  );
