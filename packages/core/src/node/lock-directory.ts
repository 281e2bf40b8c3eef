import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { NtkLensError } from '../errors.js';
import { fileSystemError } from './file-system-error.js';
import { makeDirectory } from './make-directory.js';
import { areRunning, type NamedProcess, thisProcess } from './running-process.js';

/** Name of the file that says which process works in a directory. */
export const lockName = '.ntk-lens.lock';

/** Who works in a directory. */
interface Holder extends NamedProcess {
  /** Start of the work, as ISO 8601. */
  readonly since: string;
}

/** A directory in which another process works. */
export class DirectoryInUseError extends NtkLensError {
  static readonly code = 'DIRECTORY_IN_USE';
  constructor(directory: string, { pid, host, since, slurm }: Partial<Holder>) {
    const job = slurm === undefined ? '' : ` of the SLURM job ${slurm.job}`;
    const who = `process ${pid ?? '?'} on ${host ?? '?'}${job}${since === undefined ? '' : ` since ${since}`}`;
    super(
      DirectoryInUseError.code,
      'input',
      `${directory} is in use: ${who} works in it, expected no other process. Wait for its end, stop it, or choose another directory. If there is no such process any more, remove ${join(directory, lockName)}.`,
    );
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

/** Locks of this process: directory → how many pieces of work hold it, and what was made for it. */
const held = new Map<string, { holders: number; readonly taken: Promise<string | undefined> }>();

const isHolder = (value: unknown): value is Holder => {
  const holder = value as Partial<Holder> | null;
  return typeof holder?.pid === 'number' && typeof holder.host === 'string';
};

/** Whom a lock names; undefined for one that was not written to its end. */
const holderIn = (text: string): Holder | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isHolder(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

/** True for a lock whose process is gone, and for one that no process wrote. */
const isStale = async (holder: Holder | undefined): Promise<boolean> => {
  if (holder === undefined) return true;
  const [running] = await areRunning([holder]);
  return running === false || (running === true && holder.pid === process.pid);
};

/** Takes a stale lock away; one that came in its place meanwhile is put back. */
const takeAway = async (file: string, stale: string): Promise<void> => {
  const aside = `${file}.${randomUUID()}.tmp`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if ((await readFile(aside, 'utf8')) !== stale) await link(aside, file).catch(() => {});
  await rm(aside, { force: true });
};

/** Writes the lock, whole from its first moment, unless there is one. @returns whether it was written */
const claim = async (file: string, holder: Holder): Promise<boolean> => {
  const own = `${file}.${randomUUID()}.tmp`;
  await writeFile(own, JSON.stringify(holder));
  try {
    await link(own, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    // A file system without links.
    return await writeFile(file, JSON.stringify(holder), { flag: 'wx' }).then(
      () => true,
      (cause) => {
        if (codeOf(cause) === 'EEXIST') return false;
        throw cause;
      },
    );
  } finally {
    await rm(own, { force: true });
  }
};

const acquire = async (directory: string, file: string): Promise<void> => {
  const holder = { ...thisProcess(), since: new Date().toISOString() };
  while (!(await claim(file, holder))) {
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) continue;
    const found = holderIn(text);
    if (!(await isStale(found))) throw new DirectoryInUseError(directory, found!);
    await takeAway(file, text);
  }
};

/**
 * Does work that no other process may do in the same directory at the same time. The directory is made where there is none; one
 * that a process left that is no longer running is taken over: a process of this host, or one of a SLURM job that has ended. Inside of the work the same process may lock it again.
 *
 * @example
 * ```ts
 * await lockedDirectory('runs/topic', () => writeJson('runs/topic/scores.json', { accuracy: 0.91 }));
 * ```
 * @throws DirectoryInUseError, which names the other process, before the work; FileSystemError; what the work throws
 */
export const lockedDirectory = async <T>(path: string, work: () => Promise<T>): Promise<T> => {
  const directory = resolve(path);
  const lock = held.get(directory) ?? { holders: 0, taken: take(directory) };
  held.set(directory, lock);
  lock.holders++;
  try {
    await lock.taken;
    return await work();
  } finally {
    if (--lock.holders === 0) {
      held.delete(directory);
      await lock.taken.then(
        (made) => release(directory, made),
        () => {},
      );
    }
  }
};

/** @returns the first folder that was made, if any was */
const take = async (directory: string): Promise<string | undefined> => {
  try {
    const made = await makeDirectory(directory);
    await acquire(directory, join(directory, lockName));
    // Removes the files of a process that was killed while it took the lock.
    for (const name of await readdir(directory))
      if (name.startsWith(`${lockName}.`)) await rm(join(directory, name), { force: true });
    return made;
  } catch (error) {
    throw fileSystemError(error, directory);
  }
};

/** Removes the lock, and the folders that were made for it and stayed empty because the work was refused. */
const release = async (directory: string, made: string | undefined): Promise<void> => {
  await rm(join(directory, lockName), { force: true }).catch(() => {});
  if (made === undefined) return;
  try {
    for (let folder = directory; folder.length >= made.length; folder = dirname(folder)) await rmdir(folder);
  } catch {
    // Not empty: the work left something.
  }
};
