import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { flushFile } from '@ntk-lens/core';

/** Milliseconds after which a part of another machine, which writes to the same folder, counts as abandoned. */
const abandonedAfter = 10 * 60_000;

/** A file that is being downloaded, under a name that no other process and no other call writes to. */
export interface PartFile {
  readonly path: string;
  readonly handle: FileHandle;
  /** Bytes that an earlier download left. */
  readonly size: number;
}

const inUse = new Set<string>();
const host =
  hostname()
    .replace(/[^A-Za-z0-9-]/g, '')
    .slice(0, 40) || 'host';

/**
 * Opens the part of a download: one that a process left which is no more, taken over under a new name, or an
 * empty one. Symbolic links are neither taken over nor written through.
 *
 * @param blob the file that the part becomes; `<blob>.<host>.<pid>.<random>.incomplete` lies next to it
 * @param size larger parts belong to something else
 */
export const openPart = async (blob: string, size: number): Promise<PartFile> => {
  const path = `${blob}.${host}.${process.pid}.${randomUUID().slice(0, 8)}.incomplete`;
  inUse.add(path);
  try {
    if (await takeOver(blob, path, size)) {
      const handle = await open(path, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
      return { path, handle, size: (await handle.stat()).size };
    }
    return { path, handle: await open(path, 'wx+'), size: 0 };
  } catch (error) {
    inUse.delete(path);
    throw error;
  }
};

/** Gives the part its name, once its bytes are on the disk. Until then no other call takes it over. */
export const keepPart = async (part: PartFile, blob: string): Promise<void> => {
  await flushFile(part.handle);
  await part.handle.close();
  await rename(part.path, blob);
  inUse.delete(part.path);
};

/** Lets others take over a part that was not kept. */
export const leavePart = async ({ path, handle }: PartFile): Promise<void> => {
  if (!inUse.has(path)) return;
  // A handle that is closed already closes again without an error.
  await handle.close();
  inUse.delete(path);
};

const takeOver = async (blob: string, path: string, size: number): Promise<boolean> => {
  for (const name of await readdir(dirname(blob))) {
    const [, owner, pid] =
      /^\.([A-Za-z0-9-]+)\.(\d+)\.[0-9a-f]{8}\.incomplete$/.exec(
        name.startsWith(basename(blob)) ? name.slice(basename(blob).length) : '',
      ) ?? [];
    if (owner === undefined) continue;
    const found = join(dirname(blob), name);
    const stats = await lstat(found).catch(() => undefined);
    if (!stats?.isFile()) continue;
    const isFree =
      owner === host
        ? !inUse.has(found) && !isOther(Number(pid))
        : Date.now() - stats.mtimeMs > abandonedAfter;
    if (!isFree) continue;
    if (stats.size === 0 || stats.size > size) await rm(found, { force: true });
    // Of two that try, one gets it.
    else if (
      await rename(found, path).then(
        () => true,
        () => false,
      )
    )
      return true;
  }
  return false;
};

/** True for another process that runs. */
const isOther = (pid: number): boolean => {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};
