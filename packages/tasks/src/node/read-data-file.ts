import { open, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { decodeText, verifyListed } from '@ntk-lens/core';
import { DataFormatError, MissingDataError } from '../errors.js';
import { limits } from '../limits.js';

/**
 * Reads a text file as UTF-8, with its byte-order mark. LM-BFF's directories store one test file per task and link to it; where such a link was
 * checked out as text (`../test.tsv`, `../16-13/test.tsv`), the file that it names is read.
 *
 * @throws MissingDataError if there is no such file; DataFormatError if it or one of its lines is larger than `limits` allow;
 *   DamagedFileError for a file that is not what this program wrote there; TextEncodingError if it is not UTF-8; StrayContentError for a pointer of Git LFS, a page of a website, a packed file
 */
export const readDataFile = (path: string): Promise<string> => read(path, true);

const read = async (path: string, follow: boolean): Promise<string> => {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined) throw new MissingDataError(`The file ${path}`, [], 'Check the path.');
  if (found.isDirectory()) throw new MissingDataError(`A file at ${path}`, [], 'It is a directory.');
  if (found.size > limits.fileBytes) throw tooLarge(path, 1, `${found.size} bytes`, limits.fileBytes);
  const bytes = await readLines(path);
  await verifyListed(path, bytes);
  const linked = follow ? linkTarget(bytes, basename(path)) : undefined;
  return linked === undefined ? decodeText(bytes, path, true) : read(join(dirname(path), linked), false);
};

const tooLarge = (path: string, line: number, found: string, most: number): DataFormatError =>
  new DataFormatError(path, line, found, `at most ${most}: give a sample of the data`);

const NEWLINE = 10;
const RETURN = 13;
const CHUNK = 2 ** 20;

/** The bytes of a file, read no further than to a line or a size that is too long; a pipe has no size before. */
const readLines = async (path: string): Promise<Uint8Array> => {
  const handle = await open(path);
  try {
    const parts: Uint8Array[] = [];
    let [size, line, lineBytes] = [0, 1, 0];
    for (;;) {
      const { bytesRead, buffer } = await handle.read({ buffer: Buffer.allocUnsafe(CHUNK) });
      if (bytesRead === 0) return Buffer.concat(parts);
      const part = buffer.subarray(0, bytesRead);
      size += bytesRead;
      for (const byte of part) {
        if (byte === NEWLINE) line++;
        lineBytes = byte === NEWLINE || byte === RETURN ? 0 : lineBytes + 1;
        if (lineBytes > limits.rowBytes)
          throw tooLarge(path, line, `a line of more than ${limits.rowBytes} bytes`, limits.rowBytes);
      }
      if (size > limits.fileBytes)
        throw tooLarge(path, line, `more than ${limits.fileBytes} bytes`, limits.fileBytes);
      parts.push(part);
    }
  } finally {
    await handle.close();
  }
};

/** A link to the same file one folder up, or in a neighbouring folder (which holds the file itself). */
const linkTarget = (bytes: Uint8Array, name: string): string | undefined => {
  if (bytes.length > 3 + 255 + name.length) return undefined;
  const text = new TextDecoder().decode(bytes);
  const folder = text.startsWith('../') && text.endsWith(name) ? text.slice(3, -name.length) : undefined;
  return folder !== undefined && /^(?:[\w-]+\/)?$/.test(folder) ? text : undefined;
};
