import { existsSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { ProjectFileError } from './errors.js';

/** Name of the file with options of all runs in a directory. */
export const projectFileName = 'ntk-lens.json';

/** What comes with a folder of somebody else must not reach beyond it, nor say where secrets are sent. */
const reserved = /endpoint|token|proxy/i;

/** Links followed as far as the path exists. */
const realPath = (path: string): string =>
  existsSync(path) ? realpathSync(path) : join(realPath(dirname(path)), relative(dirname(path), path));

/**
 * Refuses fields that a file found in a directory may not set.
 *
 * @throws ProjectFileError, which names the field
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
  const folder = realPath(dirname(resolve(file)));
  const inside = relative(folder, realPath(resolve(folder, out)));
  if (/^\.\.([/\\]|$)/.test(inside) || isAbsolute(inside))
    throw new ProjectFileError(
      file,
      'out',
      out,
      "Expected a folder inside the file's own: use --out or NTK_LENS_OUT for another.",
    );
};
