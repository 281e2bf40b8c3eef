import { fsync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * Waits until the bytes of an open file are on the disk. The file handles of Yarn's Plug'n'Play have no `sync`.
 *
 * @example
 * ```ts
 * const file = await open('data.bin', 'w');
 * await file.writeFile('much');
 * await flushFile(file);
 * ```
 * @throws the error of the file system
 */
export const flushFile = ({ fd }: FileHandle): Promise<void> => promisify(fsync)(fd);
