import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory, readIfThere } from '@ntk-lens/core';
import { DamagedUnitsError } from '../errors.js';
import { marksName } from '../marks.js';

const placeName = 'queue.txt';

/** Times that a file is read which another process is writing, and the milliseconds between them. */
const [READS, BETWEEN] = [20, 100];

/**
 * The name of a directory in queues, by which its workers find each other wherever it is mounted, and apart from those of a copy
 * with the same manifest. The first process that asks makes it up; it is removed with the marks when results are put together.
 *
 * @throws DamagedUnitsError; FileSystemError
 */
export const placeOf = async (directory: string): Promise<string> => {
  const folder = join(directory, marksName);
  const file = join(folder, placeName);
  await makeDirectory(folder);
  await writeFile(file, randomUUID(), { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  for (let read = 0; read < READS; read++) {
    const found = Buffer.from((await readIfThere(file)) ?? []).toString();
    if (/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(found)) return found;
    await new Promise((resolve) => setTimeout(resolve, BETWEEN));
  }
  throw new DamagedUnitsError(file, 'something that no worker wrote');
};
