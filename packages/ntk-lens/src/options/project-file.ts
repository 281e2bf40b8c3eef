import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, parse, relative, resolve } from 'node:path';
import { fileSystemError } from '@ntk-lens/core';
import { ProjectFileError } from './errors.js';
import { projectFileName } from './project-file-name.js';

/** A file in somebody else's folder must not reach beyond it, nor say where secrets are sent. */
const reserved = /endpoint|token|proxy/i;

const isInside = (folder: string, path: string): boolean => {
  const way = relative(folder, path);
  return !(/^\.\.([/\\]|$)/.test(way) || isAbsolute(way));
};

/**
 * The outermost folder whose project file counts in a directory. It is that of the repository, else the home
 * folder above it.
 */
const outermost = (directory: string, home: string): string => {
  for (let folder = directory; folder !== dirname(folder); folder = dirname(folder))
    if (existsSync(join(folder, '.git'))) return folder;
  // Anybody can write into the folders above those of a person.
  return home !== parse(home).root && isInside(home, directory) ? home : directory;
};

/**
 * The project file of a directory: in it, or in the nearest folder above it, up to the root of its repository or to the home
 * folder, whichever is nearer. Outside of both only the directory itself counts.
 */
export const findProjectFile = (directory: string, home: string = homedir()): string | undefined => {
  const last = outermost(directory, existsSync(home) ? realpathSync(home) : home);
  for (let folder = directory; ; folder = dirname(folder)) {
    const file = join(folder, projectFileName);
    if (existsSync(file)) return file;
    if (folder === last || folder === dirname(folder)) return undefined;
  }
};

const isLink = (path: string): boolean =>
  lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;

/** As many as Linux follows. */
const MOST_LINKS = 40;

/** Links followed as far as the path exists, and those that lead to nothing yet. */
const realPath = (path: string, links = 0): string => {
  if (existsSync(path)) return realpathSync(path);
  const parent = dirname(path);
  // A circle is named by the system.
  if (links > MOST_LINKS) return realpathSync(path);
  if (isLink(path)) return realPath(resolve(realPath(parent, links), readlinkSync(path)), links + 1);
  return join(realPath(parent, links), relative(parent, path));
};

/** @throws FileSystemError for a path that cannot be: too long, a circle of links, a null byte */
const followed = (path: string): string => {
  try {
    return realPath(path);
  } catch (error) {
    throw fileSystemError(error, path);
  }
};

/**
 * Refuses fields that a file found in a directory may not set.
 *
 * @throws ProjectFileError, which names the field; FileSystemError for an output folder that cannot be
 */
export const checkProjectFile = (file: string, content: unknown): void => {
  if (typeof content !== 'object' || content === null) return;
  const field = Object.keys(content).find((name) => reserved.test(name));
  if (field !== undefined)
    throw new ProjectFileError(
      file,
      field,
      'an address or a secret',
      'Expected options of runs: set this by an environment variable or a flag.',
    );
  const { out } = content as { readonly out?: unknown };
  if (typeof out !== 'string') return;
  const folder = followed(dirname(resolve(file)));
  if (!isInside(folder, followed(resolve(folder, out))))
    throw new ProjectFileError(
      file,
      'out',
      out,
      "Expected a folder inside the file's own: use --out or NTK_LENS_OUT for another.",
    );
};
