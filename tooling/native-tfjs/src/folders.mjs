import {
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { BuildError } from './errors.mjs';

const TEMPORARY = /\.tmp-(\d+)$/;

/** A name next to `path` that no reader takes for a finished one, and that identifies its owner. */
export function temporaryPath(path) {
  return `${path}.tmp-${process.pid}`;
}

/** Gives a finished folder its name. Where another build of the same was faster, that one stands. */
export function finish(partial, directory) {
  try {
    renameSync(partial, directory);
  } catch (error) {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') {
      throw error;
    }
    rmSync(partial, { recursive: true, force: true });
  }
}

/** Removes what builds that were killed have left in `directory`. */
export function removeLeftovers(directory) {
  for (const name of readdirSync(directory)) {
    const owner = TEMPORARY.exec(name);
    if (owner !== null && !isRunning(Number(owner[1]))) {
      rmSync(join(directory, name), { recursive: true, force: true });
    }
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Same file under a second name; a copy where the file system has no hard links. */
export function linkOrCopy(source, target) {
  mkdirSync(dirname(target), { recursive: true });
  try {
    linkSync(source, target);
  } catch {
    copyFileSync(source, target);
  }
}

/** Points the symbolic link `path` at `target` in one step: readers see the old target or the new one. */
export function switchLink(path, target) {
  mkdirSync(dirname(path), { recursive: true });
  const partial = temporaryPath(path);
  rmSync(partial, { force: true });
  symlinkSync(relative(dirname(path), target), partial, 'dir');
  try {
    renameSync(partial, path);
  } catch (cause) {
    rmSync(partial, { force: true });
    throw new BuildError(`${path} exists and is not a symbolic link; move it away first.`, { cause });
  }
}

export function requireSpace(directory, bytes) {
  const { bavail, bsize } = statfsSync(directory);
  if (bavail * bsize < bytes) {
    const gib = (count) => (count / 2 ** 30).toFixed(1);
    throw new BuildError(
      `${directory} has ${gib(bavail * bsize)} GiB free; unpacking TensorFlow needs ${gib(bytes)} GiB. Free some, or choose another place with --out.`,
    );
  }
}
