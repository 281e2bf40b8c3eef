import { magic } from './encode-npy.js';
import { NpyFormatError } from './errors.js';

/** The header of a `.npy` file, and where its data begin. */
export interface NpyHeader {
  /** NumPy's name of the elements with their byte order, such as `<f8`. */
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  readonly start: number;
}

const hasMagic = (bytes: Uint8Array): boolean => magic.every((byte, i) => bytes[i] === byte);

/** The content of a file that is no `.npy` file, as far as its first bytes show. */
const otherFormat = (bytes: Uint8Array): readonly [found: string, advice?: string] => {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 64));
  if (start.startsWith('PK')) return ['a zip archive, as .npz files are', 'Save each array by numpy.save.'];
  if (start.startsWith('\x80')) return ['a pickle', 'Save the array by numpy.save.'];
  return [`${bytes.length} bytes without the magic string`];
};

/**
 * Reads the header of a `.npy` file of version 1, 2 or 3, which is a dictionary as Python writes it.
 *
 * @throws NpyFormatError
 */
export const readNpyHeader = (bytes: Uint8Array): NpyHeader => {
  if (bytes.length < 10 || !hasMagic(bytes)) {
    const [found, advice] = otherFormat(bytes);
    throw new NpyFormatError(found, '\\x93NUMPY', advice);
  }
  const version = bytes[6]!;
  if (version < 1 || version > 3) throw new NpyFormatError(`version ${version}`, 'version 1, 2 or 3');
  const before = version === 1 ? 10 : 12;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < before) throw new NpyFormatError(`${bytes.length} bytes`, 'a header');
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = before + length;
  if (start > bytes.length) throw new NpyFormatError('a header longer than the file', `${length} bytes`);
  return { ...parseHeader(new TextDecoder().decode(bytes.subarray(before, start))), start };
};

/** Longer headers describe structured arrays; none of them is quoted whole. */
const shown = (header: string): string => header.trim().slice(0, 200);

const parseHeader = (header: string): Omit<NpyHeader, 'start'> => {
  const dictionary = /^\s*\{(.*)\}\s*$/s.exec(header)?.[1];
  if (dictionary === undefined) throw new NpyFormatError(`the header ${shown(header)}`, 'a dictionary');
  const descr = /['"]descr['"]\s*:\s*(?:['"]([^'"]*)['"]|(\[))/.exec(dictionary);
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(dictionary)?.[1];
  const shapeText = /['"]shape['"]\s*:\s*\(([\d\s,L]*)\)/.exec(dictionary)?.[1];
  if (descr === null || order === undefined || shapeText === undefined)
    throw new NpyFormatError(`the header ${shown(header)}`, 'descr, fortran_order and shape');
  if (descr[2] !== undefined)
    throw new NpyFormatError('a structured array', 'numbers', 'Save each of its fields as an array.');
  // Python 2 writes long integers with an L.
  const sizes = shapeText.split(',').map((size) => size.trim().replace(/L$/, ''));
  const shape = sizes.filter((size) => size !== '').map(Number);
  if (shape.some((size) => !Number.isSafeInteger(size)))
    throw new NpyFormatError(`the shape (${shown(shapeText)})`, 'sizes');
  return { descr: descr[1]!, fortranOrder: order === 'True', shape };
};
