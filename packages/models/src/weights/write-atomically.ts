import { randomUUID } from 'node:crypto';
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isNtkLensError, NtkLensError } from '@ntk-lens/core';

/** Writing a file failed; nothing of it is left. */
export class WeightWriteError extends NtkLensError {
  static readonly code = 'WEIGHT_WRITE';
  constructor(file: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      WeightWriteError.code,
      'failure',
      `Writing ${file} failed: ${reason}. Nothing was changed; check space and rights, then run again.`,
      { cause },
    );
  }
}

/** Appends bytes to a file that is being written. */
export type Append = (bytes: Uint8Array) => Promise<void>;

/**
 * Writes a file that appears under its name only when whole: to a temporary name in the same folder, synced,
 * then renamed.
 *
 * @throws WeightWriteError if the operating system refuses; the temporary file is removed
 */
export const writeAtomically = async (
  file: string,
  write: (append: Append) => Promise<void>,
): Promise<void> => {
  const temporary = `${file}.${randomUUID()}.tmp`;
  let handle: FileHandle | undefined;
  try {
    handle = await open(temporary, 'wx');
    const target = handle;
    await write(async (bytes) => {
      for (let done = 0; done < bytes.byteLength; ) {
        done += (await target.write(bytes, done, Math.min(bytes.byteLength - done, 2 ** 30))).bytesWritten;
      }
    });
    await handle.sync();
    await handle.close();
    handle = undefined;
    await rename(temporary, file);
    await syncDirectory(dirname(file));
  } catch (cause) {
    await handle?.close().catch(() => {});
    await rm(temporary, { force: true }).catch(() => {});
    throw isNtkLensError(cause) ? cause : new WeightWriteError(file, cause);
  }
};

const UNFINISHED = /\.[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\.tmp$/;

/**
 * Removes what writers that were killed left in these folders, not below them. A folder that is not there has none.
 * Nobody else may be writing to them meanwhile.
 */
export const removeUnfinished = async (...folders: readonly string[]): Promise<void> => {
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => []);
    for (const name of names.filter((entry) => UNFINISHED.test(entry)))
      await rm(join(folder, name), { force: true });
  }
};

/** Makes a rename durable; some platforms cannot sync a directory, and need not. */
const syncDirectory = async (directory: string): Promise<void> => {
  const handle = await open(directory, 'r').catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
};
