import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  DamagedFileError,
  isError,
  type LongTaskOptions,
  readFileList,
  throwIfCancelled,
  verifyFileList,
  writeFileList,
  writeWhole,
} from '@ntk-lens/core';
import { convertCr, convertMrpc } from '../../download/convert.js';
import { type SourceFile, taskSources } from '../../download/task-sources.js';
import { findTask } from '../../registry/find-task.js';
import { NoSourceError } from './errors.js';
import { fetchToFile, sha256Of } from './fetch-to-file.js';
import { type DownloadLock, readLock, writeLock } from './lock-file.js';
import { unpack } from './unpack.js';

export interface DownloadTaskOptions extends LongTaskOptions {
  /** Directory of full data; the task gets a folder in it, as `splitKShot` expects. */
  readonly dir: string;
  /** Start of an address → what to put in its place, for mirrors and tests. */
  readonly endpoints?: Readonly<Record<string, string>>;
  /** Download even what is already there. */
  readonly force?: boolean;
  /** Number of times that an interrupted transfer is resumed within this call. 2 if not given. */
  readonly retries?: number;
}

/** The result of {@link downloadTask}. */
export interface DownloadedTask {
  readonly task: string;
  /** The task's folder. */
  readonly directory: string;
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
  /**
   * The verification of the downloads: `published` sums held, sums `recorded` at an earlier download held,
   * sums were recorded now (`first`), or the files were already there (`present`).
   */
  readonly verified: 'published' | 'recorded' | 'first' | 'present';
  /** The addresses of the data. */
  readonly urls: readonly string[];
  /** A sentence on the data's licence, to be shown to the user. */
  readonly licence: string;
  readonly homepage: string;
}

const converters = { mrpc: convertMrpc, cr: convertCr } as const;

/** Tasks that {@link downloadTask} can get. */
export const downloadableTasks: readonly string[] = Object.keys(taskSources);

/**
 * Downloads a task's full data from its usual public place, in the layout that `splitKShot` reads. Transfers resume,
 * files appear whole or not at all, and checksums are verified: against published ones where there are any, otherwise
 * against those of the first download, kept in `<dir>/downloads.lock.json`.
 *
 * @example
 * ```ts
 * const { directory, licence } = await downloadTask('mr', { dir: 'data/original' });
 * ```
 * @param name a task of the registry
 * @returns the files, how they were verified, and what is known of their licence
 * @throws UnknownTaskError, NoSourceError, UnreachableError, HttpStatusError, TruncatedDownloadError, ChecksumError,
 *   ArchiveError, CancelledError
 */
export const downloadTask = async (name: string, options: DownloadTaskOptions): Promise<DownloadedTask> => {
  const task = findTask(name);
  const source = Object.hasOwn(taskSources, task.name) ? taskSources[task.name] : undefined;
  if (source === undefined || task.files === undefined) throw new NoSourceError(task.name, downloadableTasks);
  const directory = join(options.dir, task.files.originalDirectory ?? task.files.directory);
  const lockPath = join(options.dir, 'downloads.lock.json');
  const lock = await readLock(lockPath);
  const { licence, homepage } = source;
  const about = { task: task.name, directory, urls: source.files.map(({ url }) => url), licence, homepage };

  const present = options.force ? undefined : await presentFiles(directory);
  if (present !== undefined) return { ...about, files: present, verified: 'present' };

  const contents = new Map<string, Buffer>();
  const verified: DownloadedTask['verified'][] = [];
  const done: string[] = [];
  for (const file of source.files) {
    throwIfCancelled(options.signal, `Downloading ${task.name}`);
    const { path, how } = await obtain(file, lock, options);
    verified.push(how);
    await writeLock(lockPath, lock);
    const names = Object.keys(file.members);
    const members = file.pack
      ? await unpack(path, file.pack, names)
      : new Map([[names[0]!, await readFile(path)]]);
    for (const [member, content] of members) contents.set(file.members[member]!, content);
    if (!file.keep) done.push(path);
  }

  const converted = source.convert
    ? converters[source.convert](
        new Map([...contents].map(([file, bytes]) => [file, bytes.toString('utf8')])),
      )
    : contents;
  const files: { path: string; sha256: string }[] = [];
  const sums: Record<string, string> = {};
  for (const [file, content] of converted) {
    const path = join(directory, file);
    await writeWhole(path, content);
    const sha256 = createHash('sha256').update(content).digest('hex');
    files.push({ path, sha256 });
    sums[file] = sha256;
  }
  await writeFileList(directory, sums);
  for (const path of done) await rm(path, { force: true });
  const weakest = (['first', 'recorded', 'published'] as const).find((how) => verified.includes(how));
  return { ...about, files, verified: weakest ?? 'published' };
};

/** The task's files, if all are there as they were written. */
const presentFiles = async (directory: string): Promise<{ path: string; sha256: string }[] | undefined> => {
  try {
    await verifyFileList(directory, { verify: true });
    const list = await readFileList(directory);
    return list && Object.entries(list).map(([file, sha256]) => ({ path: join(directory, file), sha256 }));
  } catch (error) {
    if (isError(error, DamagedFileError)) return undefined;
    throw error;
  }
};

/** A source file on disk: downloaded now, or kept from another task's download. */
const obtain = async (
  file: SourceFile,
  lock: DownloadLock,
  { dir, endpoints = {}, force, ...options }: DownloadTaskOptions,
): Promise<{ path: string; how: 'published' | 'recorded' | 'first' }> => {
  const path = join(dir, '.downloads', basename(new URL(file.url).pathname));
  const recorded = lock.downloads[file.url]?.sha256;
  const expected = file.sha256 ?? recorded;
  const origin = file.sha256 === undefined ? ('recorded' as const) : ('published' as const);
  const how = expected === undefined ? 'first' : origin;
  if (!force && expected !== undefined && existsSync(path) && (await sha256Of(path)) === expected) {
    return { path, how };
  }
  lock.downloads[file.url] = await fetchToFile({
    ...options,
    url: redirect(file.url, endpoints),
    name: file.url,
    target: path,
    expected: expected === undefined ? undefined : { sha256: expected, origin },
    bytes: file.bytes,
  });
  return { path, how };
};

const redirect = (url: string, endpoints: Readonly<Record<string, string>>): string => {
  const [from] = Object.keys(endpoints)
    .filter((start) => url.startsWith(start))
    .sort((a, b) => b.length - a.length);
  return from === undefined ? url : endpoints[from] + url.slice(from.length);
};
