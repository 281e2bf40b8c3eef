import type { DType, DTypeArrays } from '../ndarray.js';
import { NpyFormatError } from './errors.js';

/** Reads one element; the flag says that its bytes are in little-endian order. */
type ReadElement = (view: DataView, at: number, little: boolean) => number | bigint;

/** Elements of one of NumPy's types. */
interface Element {
  readonly dtype: DType;
  /** Bytes. */
  readonly size: number;
  readonly read: ReadElement;
  /** Numbers of this type may lie beyond those of `dtype`. */
  readonly wide?: true;
}

/** A number of half precision. */
const readHalf: ReadElement = (view, at, little) => {
  const bits = view.getUint16(at, little);
  const [exponent, fraction] = [(bits >> 10) & 0x1f, bits & 0x3ff];
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (fraction + 0x400) * 2 ** (exponent - 25));
};

/** NumPy's types of numbers, by kind and bytes. */
const elements: Readonly<Record<string, Element>> = {
  f8: { dtype: 'float64', size: 8, read: (view, at, little) => view.getFloat64(at, little) },
  f4: { dtype: 'float32', size: 4, read: (view, at, little) => view.getFloat32(at, little) },
  f2: { dtype: 'float32', size: 2, read: readHalf },
  i8: { dtype: 'int32', size: 8, read: (view, at, little) => view.getBigInt64(at, little), wide: true },
  u8: { dtype: 'int32', size: 8, read: (view, at, little) => view.getBigUint64(at, little), wide: true },
  i4: { dtype: 'int32', size: 4, read: (view, at, little) => view.getInt32(at, little) },
  u4: { dtype: 'int32', size: 4, read: (view, at, little) => view.getUint32(at, little), wide: true },
  i2: { dtype: 'int32', size: 2, read: (view, at, little) => view.getInt16(at, little) },
  u2: { dtype: 'int32', size: 2, read: (view, at, little) => view.getUint16(at, little) },
  i1: { dtype: 'int8', size: 1, read: (view, at) => view.getInt8(at) },
  u1: { dtype: 'uint8', size: 1, read: (view, at) => view.getUint8(at) },
  b1: { dtype: 'uint8', size: 1, read: (view, at) => view.getUint8(at) },
};

/** Kinds of elements that are no numbers, or none that fit. */
const refused: Readonly<Record<string, string>> = {
  O: 'Python objects',
  S: 'texts',
  a: 'texts',
  U: 'texts',
  V: 'raw bytes',
  c: 'complex numbers',
  f: 'floats of another precision',
  M: 'dates',
  m: 'durations',
};

/**
 * The elements that a `.npy` header names.
 *
 * @throws NpyFormatError, which names what it is instead of numbers
 */
export const elementNamed = (descr: string): Element & { readonly little: boolean } => {
  const [, order = '', name = ''] = /^([<>|=]?)(.*)$/s.exec(descr)!;
  const found = Object.hasOwn(elements, name) ? elements[name] : undefined;
  if (found) return { ...found, little: order !== '>' };
  const kind = refused[name.slice(0, 1)];
  const shown = descr.slice(0, 40);
  throw new NpyFormatError(
    kind === undefined ? `elements ${shown}` : `${kind} (${shown})`,
    `numbers: ${Object.keys(elements).join(', ')}`,
    'Convert the array, such as by astype("float64").',
  );
};

const arrays: Readonly<Record<DType, new (length: number) => DTypeArrays[DType]>> = {
  float64: Float64Array,
  float32: Float32Array,
  int32: Int32Array,
  int8: Int8Array,
  uint8: Uint8Array,
};

/**
 * Elements one by one, in the order in which they are stored.
 *
 * @throws NpyFormatError for an integer that does not fit 32 bits
 */
export const readElements = (
  bytes: Uint8Array,
  { dtype, size, read, wide, little }: Element & { readonly little: boolean },
): DTypeArrays[DType] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data = new arrays[dtype](bytes.byteLength / size);
  for (let i = 0; i < data.length; i++) {
    const value = read(view, i * size, little);
    if (wide && (value < -(2 ** 31) || value >= 2 ** 31))
      throw new NpyFormatError(`the integer ${value}`, 'integers of 32 bits', 'Save them as float64.');
    data[i] = Number(value);
  }
  return data;
};
