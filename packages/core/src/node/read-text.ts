import { open } from 'node:fs/promises';
import { NtkLensError } from '../errors.js';
import { decodeText } from '../text-encoding.js';
import { fileSystemError } from './file-system-error.js';

/** A text file that is larger than what is read of it can be. */
export class TextSizeError extends NtkLensError {
  static readonly code = 'TEXT_SIZE';
  constructor(file: string, most: number) {
    super(
      TextSizeError.code,
      'input',
      `${file}: found more than ${most} bytes. Check that it is the right file.`,
    );
  }
}

const MOST = 16 * 2 ** 20;

/**
 * Reads a text file in UTF-8, such as a list or a configuration, and no more of it than `most` bytes.
 *
 * @throws FileSystemError, TextSizeError, TextEncodingError
 * @example
 * ```ts
 * const config = JSON.parse(await readText('config.json'));
 * ```
 */
export const readText = async (file: string, most = MOST): Promise<string> => {
  try {
    const handle = await open(file);
    try {
      const parts: Uint8Array[] = [];
      for (let size = 0; size <= most; ) {
        const { bytesRead, buffer } = await handle.read({ buffer: Buffer.alloc(2 ** 16) });
        if (bytesRead === 0) return decodeText(Buffer.concat(parts), file);
        parts.push(buffer.subarray(0, bytesRead));
        size += bytesRead;
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileSystemError(error, file);
  }
  throw new TextSizeError(file, most);
};
