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
 * The header of a NumPy `.npy` file, version 1.0, C order, little endian: the elements follow it. Files that are too large to be
 * encoded as a whole are written piece by piece after it.
 *
 * @example
 * ```ts
 * await writeWhole('train.npy', async (append) => {
 *   await append(npyHeader('float64', [rows, columns]));
 *   for await (const { data } of rowBlocks(source)) await append(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
 * });
 * ```
 */
export const npyHeader = (dtype: DType, sizes: readonly number[]): Uint8Array => {
  const shape = sizes.length === 1 ? `${sizes[0]},` : sizes.join(', ');
  const fields = `{'descr': '${descrOf[dtype]}', 'fortran_order': False, 'shape': (${shape}), }`;
  const header = `${fields.padEnd(Math.ceil((fields.length + 11) / 64) * 64 - 11)}\n`;
  return Uint8Array.of(
    ...[...magic, 1, 0, header.length & 0xff, header.length >> 8],
    ...new TextEncoder().encode(header),
  );
};

/**
 * Encodes an array as a NumPy `.npy` file, version 1.0, C order, little endian.
 *
 * @example
 * ```ts
 * await writeFile('train.npy', encodeNpy(kernel)); // numpy.load('train.npy')
 * ```
 */
export const encodeNpy = ({ dtype, shape, data }: NDArray): Uint8Array => {
  const header = npyHeader(dtype, shape);
  const bytes = new Uint8Array(header.length + data.byteLength);
  bytes.set(header);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), header.length);
  return bytes;
};
