import { NtkLensError } from './errors.js';
import { type DType, type DTypeArrays, type NDArray, sizeOf } from './ndarray.js';

/** A `.npy` file that cannot be read as an {@link NDArray}. */
export class NpyFormatError extends NtkLensError {
  static readonly code = 'NPY_FORMAT';
  constructor(found: string, expected: string) {
    super(NpyFormatError.code, 'input', `Not a readable .npy file: found ${found}, expected ${expected}.`);
  }
}

const descrOf: Record<DType, string> = {
  float64: '<f8',
  float32: '<f4',
  int32: '<i4',
  int8: '|i1',
  uint8: '|u1',
};
const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

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

/**
 * Decodes a `.npy` file (versions 1–3, C order, little endian). int64 is narrowed to int32.
 *
 * @throws NpyFormatError on anything else, including sizes that do not match the bytes present
 */
export const decodeNpy = (bytes: Uint8Array): NDArray => {
  if (bytes.length < 12 || magic.some((b, i) => bytes[i] !== b)) {
    throw new NpyFormatError(`${bytes.length} bytes without the magic string`, '\\x93NUMPY');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const long = bytes[6]! >= 2;
  const start = long ? 12 : 10;
  const length = long ? view.getUint32(8, true) : view.getUint16(8, true);
  if (start + length > bytes.length)
    throw new NpyFormatError('a header longer than the file', `${length} bytes`);
  const header = new TextDecoder('latin1').decode(bytes.subarray(start, start + length));
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const shapeText = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (descr === undefined || shapeText === undefined)
    throw new NpyFormatError(header.trim(), 'descr and shape');
  if (/'fortran_order':\s*True/.test(header)) throw new NpyFormatError('Fortran order', 'C order');
  const shape = shapeText
    .split(',')
    .map((s) => s.trim())
    .filter((s) => s !== '')
    .map(Number);
  if (shape.some((n) => !Number.isSafeInteger(n) || n < 0))
    throw new NpyFormatError(`shape (${shapeText})`, 'sizes');
  const body = bytes.subarray(start + length);
  const itemSize = Number(descr.slice(2));
  if (body.length !== sizeOf(shape) * itemSize) {
    throw new NpyFormatError(
      `${body.length} bytes of data`,
      `${sizeOf(shape) * itemSize} for shape (${shapeText}) of ${descr}`,
    );
  }
  if (descr === '<i8')
    return { dtype: 'int32', shape, data: Int32Array.from(aligned(body, BigInt64Array), Number) };
  const dtype = (Object.keys(descrOf) as DType[]).find((name) => descrOf[name] === descr);
  if (dtype === undefined)
    throw new NpyFormatError(`dtype ${descr}`, [...Object.values(descrOf), '<i8'].join(', '));
  return { dtype, shape, data: aligned(body, viewOf[dtype]) as DTypeArrays[typeof dtype] };
};

const viewOf: Record<
  DType,
  { new (buffer: ArrayBuffer, offset: number, length: number): DTypeArrays[DType]; BYTES_PER_ELEMENT: number }
> = {
  float64: Float64Array,
  float32: Float32Array,
  int32: Int32Array,
  int8: Int8Array,
  uint8: Uint8Array,
};

/** A typed view of `bytes`, copied only when they do not start at a multiple of the element size. */
const aligned = <T>(
  bytes: Uint8Array,
  View: { new (buffer: ArrayBuffer, offset: number, length: number): T; BYTES_PER_ELEMENT: number },
): T => {
  const shared = bytes.byteOffset % View.BYTES_PER_ELEMENT !== 0 || !(bytes.buffer instanceof ArrayBuffer);
  const source = (shared ? bytes.slice() : bytes) as Uint8Array<ArrayBuffer>;
  return new View(source.buffer, source.byteOffset, source.byteLength / View.BYTES_PER_ELEMENT);
};
