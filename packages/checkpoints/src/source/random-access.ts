import { type FileKind, refuseStrayContent, strayContentBytes } from '@ntk-lens/core';
import { TruncatedWeightFileError, WeightReadError } from '../errors.js';

/** Bytes that can be read at any position: a file, or memory. */
export interface RandomAccess {
  /** The path, or how errors should name the bytes. */
  readonly name: string;
  readonly size: number;
  /**
   * Fills `target` from `position`, without another copy.
   *
   * @throws TruncatedWeightFileError if the bytes end first
   */
  read(target: Uint8Array, position: number): Promise<void>;
  close(): Promise<void>;
}

/** A source of weights and torch files: bytes in memory, a `Blob` or `File` of a browser, or anything else. */
export type WeightBytes = Uint8Array | Blob | RandomAccess;

/** Reads `from` piece by piece; `name` is what errors call it. A `RandomAccess` has its own name. */
export const accessTo = (from: WeightBytes, name = 'The file'): RandomAccess => {
  if (from instanceof Uint8Array) return bytesAccess(from, name);
  return from instanceof Blob ? blobAccess(from, name) : from;
};

const bytesAccess = (bytes: Uint8Array, name: string): RandomAccess => ({
  name,
  size: bytes.byteLength,
  read: async (target, position) => {
    const end = position + target.byteLength;
    if (end > bytes.byteLength) throw tooShort(name, bytes.byteLength, end);
    target.set(bytes.subarray(position, end));
  },
  close: async () => {},
});

const blobAccess = (blob: Blob, name: string): RandomAccess => ({
  name,
  size: blob.size,
  read: async (target, position) => {
    const end = position + target.byteLength;
    if (end > blob.size) throw tooShort(name, blob.size, end);
    try {
      target.set(new Uint8Array(await blob.slice(position, end).arrayBuffer()));
    } catch (cause) {
      throw new WeightReadError(name, cause);
    }
  },
  close: async () => {},
});

/** The error for bytes that end too early. */
export const tooShort = (name: string, found: number, expected: number): TruncatedWeightFileError =>
  new TruncatedWeightFileError(name, found, expected, 'expected at least');

/** `length` bytes from `position`, in a new array. */
export const readBytes = async (
  access: RandomAccess,
  position: number,
  length: number,
): Promise<Uint8Array> => {
  if (position < 0 || position + length > access.size) {
    throw tooShort(access.name, access.size, position + length);
  }
  const bytes = new Uint8Array(length);
  await access.read(bytes, position);
  return bytes;
};

/** `refuseStrayContent` of bytes that can be read at any position. */
export const refuseStray = async (access: RandomAccess, kind: FileKind): Promise<void> => {
  const start = await readBytes(access, 0, Math.min(strayContentBytes, access.size));
  refuseStrayContent(access.name, start, kind);
};

const chunkBytes = 2 ** 22;

/**
 * `length` bytes from `position`, a piece at a time; while one is used, the next is read. A piece is overwritten once the
 * one after the next is asked for.
 */
export async function* bytesFrom(
  access: RandomAccess,
  position: number,
  length: number,
): AsyncGenerator<Uint8Array> {
  const size = Math.min(chunkBytes, length);
  const buffers = [new Uint8Array(size), new Uint8Array(Math.min(size, length - size))];
  const read = async (done: number): Promise<Uint8Array> => {
    const piece = buffers[(done / chunkBytes) % 2]!.subarray(0, Math.min(size, length - done));
    await access.read(piece, position + done);
    return piece;
  };
  let next = length > 0 ? read(0) : undefined;
  for (let done = 0; next; done += chunkBytes) {
    const piece = await next;
    next = done + piece.length < length ? read(done + piece.length) : undefined;
    try {
      yield piece;
    } finally {
      // Whoever stops here may close what is read from.
      await next?.catch(() => {});
    }
  }
}

/** The result of `read` on an access, which is closed if that fails. */
export const orClosed = async <T>(access: RandomAccess, read: () => Promise<T>): Promise<T> => {
  try {
    return await read();
  } catch (error) {
    await access.close();
    throw error;
  }
};
