import { type FileHandle, open } from 'node:fs/promises';
import { isError } from '../errors.js';
import { sizeOf } from '../ndarray.js';
import { NpyFormatError } from '../npy/errors.js';
import { elementNamed, readElements } from '../npy/npy-elements.js';
import { type NpyHeader, readNpyHeader } from '../npy/npy-header.js';
import { matrixShape, type RowSource } from '../row-source.js';
import { refuseStrayContent } from '../stray-content.js';
import { fileSystemError } from './file-system-error.js';

/** A `.npy` file of which rows are read as float64. */
export interface NpyRows extends RowSource {
  /** The shape of the array; `shape` is that of its rows and columns. */
  readonly arrayShape: readonly number[];
}

/** Headers of arrays of numbers are shorter. */
const HEADER_BYTES = 2 ** 17;
/** Bytes that one call reads: the system takes less than 2 GiB. */
const MOST_AT_ONCE = 2 ** 28;

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * Opens a `.npy` file to read its rows, however large it is. No more of the array is in memory than the rows that are asked for. The first
 * half of its axes are rows, as in a kernel `[train, C, query, C]`. The file is open while rows are read, and not in between.
 *
 * @example
 * ```ts
 * const kernel = await openNpyRows('runs/large/train.npy');
 * const firstRow = await kernel.read(0, 1);
 * ```
 * @throws FileSystemError; NpyFormatError for what is no array of numbers, one in Fortran order, and a file of another size
 *   than its shape; StrayContentError
 */
export const openNpyRows = async (file: string): Promise<NpyRows> => {
  const using = async <T>(use: (handle: FileHandle) => Promise<T>): Promise<T> => {
    let handle: FileHandle | undefined;
    try {
      handle = await open(file, 'r');
      return await use(handle);
    } catch (error) {
      throw isError(error, NpyFormatError) ? error.in(file) : fileSystemError(error, file);
    } finally {
      await handle?.close();
    }
  };
  const { header, element } = await using(async (handle) => {
    const { size } = await handle.stat();
    const first = new Uint8Array(Math.min(size, HEADER_BYTES));
    await readAt(handle, first, 0);
    refuseStrayContent(file, first, 'binary');
    const header = readNpyHeader(first);
    const element = elementNamed(header.descr);
    const expected = sizeOf(header.shape) * element.size;
    if (size - header.start !== expected)
      throw new NpyFormatError(
        `${size - header.start} bytes of data`,
        `${expected} for shape (${header.shape.join(', ')}) of ${header.descr}`,
      );
    refuseFortran(header);
    return { header, element };
  });
  const { shape: arrayShape, start } = header;
  const [rows, columns] = matrixShape(arrayShape);
  const isPlain = element.dtype === 'float64' && element.little && littleEndian;
  return {
    arrayShape,
    shape: [rows, columns],
    read: (from, count, into) =>
      using(async (handle) => {
        const length = count * columns;
        const data = into && into.length >= length ? into.subarray(0, length) : new Float64Array(length);
        const place = start + from * columns * element.size;
        if (isPlain) {
          await readAt(handle, new Uint8Array(data.buffer, data.byteOffset, data.byteLength), place);
          return data;
        }
        const bytes = new Uint8Array(length * element.size);
        await readAt(handle, bytes, place);
        data.set(readElements(bytes, element));
        return data;
      }),
  };
};

/** Columns of such an array lie together, so that every row would be read from all over the file. */
const refuseFortran = ({ fortranOrder, shape }: NpyHeader): void => {
  if (fortranOrder && shape.filter((size) => size > 1).length > 1)
    throw new NpyFormatError(
      'an array in Fortran order',
      'C order, in which rows can be read one by one',
      'Save numpy.ascontiguousarray of it.',
    );
};

/** Fills `bytes` from a place in a file. */
const readAt = async (handle: FileHandle, bytes: Uint8Array, place: number): Promise<void> => {
  for (let done = 0; done < bytes.byteLength; ) {
    const most = Math.min(bytes.byteLength - done, MOST_AT_ONCE);
    const { bytesRead } = await handle.read(bytes, done, most, place + done);
    if (bytesRead === 0)
      throw new NpyFormatError(`the end of the file at byte ${place + done}`, 'as many bytes as before');
    done += bytesRead;
  }
};
