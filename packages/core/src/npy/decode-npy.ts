import { type DType, type DTypeArrays, type NDArray, sizeOf } from '../ndarray.js';
import { refuseStrayContent } from '../stray-content.js';
import { NpyFormatError } from './errors.js';
import { elementNamed, readElements } from './npy-elements.js';
import { readNpyHeader } from './npy-header.js';

/**
 * Decodes a `.npy` file as NumPy writes it: versions 1–3, C or Fortran order, either byte order. Integers of up to 64 bits
 * become int32 where they fit, float16 becomes float32, and booleans become uint8.
 *
 * @returns the array in C order
 * @throws StrayContentError for a pointer, a page or a message in the place of the file; NpyFormatError on anything else: structured arrays, objects, texts, complex numbers, integers beyond 32 bits,
 *   sizes that do not match the bytes present
 */
export const decodeNpy = (bytes: Uint8Array): NDArray => {
  refuseStrayContent('The .npy file', bytes, 'binary');
  const { descr, fortranOrder, shape, start } = readNpyHeader(bytes);
  const element = elementNamed(descr);
  const body = bytes.subarray(start);
  const expected = sizeOf(shape) * element.size;
  if (body.length !== expected)
    throw new NpyFormatError(
      `${body.length} bytes of data`,
      `${expected} for shape (${shape.join(', ')}) of ${descr}`,
    );
  const stored = view(body, descr) ?? readElements(body, element);
  return { dtype: element.dtype, shape, data: fortranOrder ? inCOrder(stored, shape) : stored };
};

const viewed = {
  '<f8': Float64Array,
  '<f4': Float32Array,
  '<i4': Int32Array,
  '|i1': Int8Array,
  '|u1': Uint8Array,
} as const;

/** Elements that lie as this machine has them, without a copy where they start at a multiple of their size. */
const view = (bytes: Uint8Array, descr: string): DTypeArrays[DType] | undefined => {
  const View = Object.hasOwn(viewed, descr) ? viewed[descr as keyof typeof viewed] : undefined;
  if (View === undefined || !littleEndian) return undefined;
  const shared = bytes.byteOffset % View.BYTES_PER_ELEMENT !== 0 || !(bytes.buffer instanceof ArrayBuffer);
  const source = (shared ? bytes.slice() : bytes) as Uint8Array<ArrayBuffer>;
  return new View(source.buffer, source.byteOffset, source.byteLength / View.BYTES_PER_ELEMENT);
};

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Elements whose first index runs fastest, with the last one running fastest. */
const inCOrder = (stored: DTypeArrays[DType], shape: readonly number[]): DTypeArrays[DType] => {
  const data = stored.slice();
  const index = shape.map(() => 0);
  const strides = shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
  let from = 0;
  for (let to = 0; to < data.length; to++) {
    data[to] = stored[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return data;
};
