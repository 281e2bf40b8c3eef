import { randomUUID } from 'node:crypto';
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { flushFile } from './flush-file.js';
import { makeDirectory } from './make-directory.js';

/** Appends bytes to a file that is being written. */
export type Append = (bytes: Uint8Array) => Promise<void>;

/** The content of a file; a function appends it piece by piece. */
export type FileContent = string | Uint8Array | ((append: Append) => Promise<void>);

/**
 * Writes a file that appears under its name only when whole: to a temporary name in the same folder, synced, then
 * renamed. Makes the folder where there is none. A device or a pipe is written to as it is, since a renamed file would take
 * its place.
 *
 * @example
 * ```ts
 * await writeWhole('kernel/config.json', JSON.stringify(config));
 * ```
 * @throws the error of the file system, or of `content`; the temporary file is removed
 */
export const writeWhole = async (file: string, content: FileContent): Promise<void> => {
  await makeDirectory(dirname(file));
  if (await isStream(file)) return writeInto(file, content);
  const temporary = `${file}.${randomUUID()}.tmp`;
  let handle: FileHandle | undefined;
  try {
    handle = await open(temporary, 'wx');
    await fill(handle, content);
    await flushFile(handle);
    await handle.close();
    handle = undefined;
    await rename(temporary, file);
    await syncDirectory(dirname(file));
  } catch (error) {
    await handle?.close().catch(() => {});
    // On a full disk what is cut would take the room of what comes next.
    await rm(temporary, { force: true }).catch(() => {});
    // A failed write does not say of which file.
    throw withPath(error, file);
  }
};

/** True for a device, a pipe or a socket, and for a link to one. */
const isStream = async (file: string): Promise<boolean> => {
  const found = await stat(file).catch(() => undefined);
  return found !== undefined && !found.isFile() && !found.isDirectory();
};

const writeInto = async (file: string, content: FileContent): Promise<void> => {
  const handle = await open(file, 'w');
  try {
    await fill(handle, content);
  } catch (error) {
    throw withPath(error, file);
  } finally {
    await handle.close();
  }
};

const fill = (handle: FileHandle, content: FileContent): Promise<void> =>
  typeof content === 'function' ? content(appendTo(handle)) : handle.writeFile(content);

/**
 * Writes indented JSON, as a whole or not at all.
 *
 * @example
 * ```ts
 * await writeJson('results/scores.json', { accuracy: 0.91 });
 * ```
 * @throws what {@link writeWhole} throws
 */
export const writeJson = (file: string, value: unknown): Promise<void> =>
  writeWhole(file, `${JSON.stringify(value, undefined, 2)}\n`);

/** True for the name of a file that {@link writeWhole} did not finish, because it was killed or is not done. */
export const isUnfinished = (name: string): boolean =>
  /\.[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\.tmp$/.test(name);

/**
 * Removes what writers that were killed left in these folders, not below them. A folder that is not there has none.
 * Nobody else may be writing to them meanwhile.
 */
export const removeUnfinished = async (...folders: readonly string[]): Promise<void> => {
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => []);
    for (const name of names.filter(isUnfinished)) await rm(join(folder, name), { force: true });
  }
};

const withPath = (error: unknown, file: string): unknown =>
  error instanceof Error && 'syscall' in error && !('path' in error)
    ? Object.assign(error, { path: file })
    : error;

const appendTo =
  (handle: FileHandle): Append =>
  async (bytes) => {
    for (let done = 0; done < bytes.byteLength; ) {
      done += (await handle.write(bytes, done, Math.min(bytes.byteLength - done, 2 ** 30))).bytesWritten;
    }
  };

/** Makes a rename durable; some platforms cannot sync a directory, and need not. */
const syncDirectory = async (directory: string): Promise<void> => {
  const handle = await open(directory, 'r').catch(() => undefined);
  if (!handle) return;
  await flushFile(handle).catch(() => {});
  await handle.close();
};
