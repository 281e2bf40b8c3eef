import { sha256 as noble } from '@noble/hashes/sha2.js';

/** A SHA-256 that is fed piece by piece. */
export interface Sha256 {
  /** Text counts as its UTF-8 bytes, an array as the bytes that it shows. */
  update(data: string | ArrayBufferView): Sha256;
  /** The 32 bytes of the sum; nothing can be added after. */
  digest(): Uint8Array;
  /** The sum in hexadecimal digits; nothing can be added after. */
  hex(): string;
}

/** An implementation of SHA-256. */
export interface ByteHash {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}

/** A {@link Sha256} on top of an implementation of bytes. */
export const sha256On = (hash: ByteHash): Sha256 => {
  const self: Sha256 = {
    update: (data) => {
      const bytes =
        typeof data === 'string'
          ? new TextEncoder().encode(data)
          : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      hash.update(bytes);
      return self;
    },
    digest: () => hash.digest(),
    hex: () => Array.from(hash.digest(), (byte) => byte.toString(16).padStart(2, '0')).join(''),
  };
  return self;
};

/**
 * A new SHA-256. In Node it is that of `node:crypto`, in a browser that of `@noble/hashes`; both give the same sums.
 *
 * @example
 * ```ts
 * sha256().update('abc').hex(); // 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
 * ```
 */
export const sha256 = (): Sha256 => sha256On(noble.create());
