import { fsync } from 'node:fs';
import { promisify } from 'node:util';

/**
 * Waits until the bytes of an open file, which is known by its descriptor, are on the disk. The file handles of Yarn's Plug'n'Play have no `sync`.
 *
 * @example
 * ```ts
 * const file = await open('data.bin', 'w');
 * await file.writeFile('much');
 * await flushFile(file);
 * ```
 * @throws the error of the file system
 */
export const flushFile = ({ fd }: { readonly fd: number }): Promise<void> => promisify(fsync)(fd);
