import type { DType, NDArray } from '../ndarray.js';

const descrOf: Record<DType, string> = {
  float64: '<f8',
  float32: '<f4',
  int32: '<i4',
  int8: '|i1',
  uint8: '|u1',
};

/** @internal The first bytes of every `.npy` file. */
export const magic: readonly number[] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/**
 * Encodes an array as a NumPy `.npy` file, version 1.0, C order, little endian.
 *
 * @example
 * ```ts
 * await writeFile('train.npy', encodeNpy(kernel)); // numpy.load('train.npy')
 * ```
 */
export const encodeNpy = (array: NDArray): Uint8Array => {
  const shape = array.shape.length === 1 ? `${array.shape[0]},` : array.shape.join(', ');
  const fields = `{'descr': '${descrOf[array.dtype]}', 'fortran_order': False, 'shape': (${shape}), }`;
  const header = `${fields.padEnd(Math.ceil((fields.length + 11) / 64) * 64 - 11)}\n`;
  const bytes = new Uint8Array(10 + header.length + array.data.byteLength);
  bytes.set([...magic, 1, 0, header.length & 0xff, header.length >> 8]);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(
    new Uint8Array(array.data.buffer, array.data.byteOffset, array.data.byteLength),
    10 + header.length,
  );
  return bytes;
};
