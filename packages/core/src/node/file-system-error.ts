import { type ErrorKind, NtkLensError } from '../errors.js';

/** The meaning of an error of the operating system, with advice. */
type Meaning = readonly [kind: ErrorKind, found: string, advice: string];

const space = 'Free some space and run again: finished parts are kept.';

const meanings: Readonly<Record<string, Meaning>> = {
  ENOENT: ['input', 'there is no such file or directory', 'Check the path.'],
  ENOTDIR: ['input', 'a part of the path is a file and no directory', 'Check the path.'],
  EISDIR: ['input', 'it is a directory, and a file is expected', 'Check the path.'],
  EEXIST: ['input', 'there is a file of that name already', 'Choose another path.'],
  ENOTEMPTY: ['input', 'the directory is not empty', 'Choose another path.'],
  EACCES: ['input', 'access is denied', 'Check the permissions, or choose another path.'],
  EPERM: ['input', 'the operation is not permitted', 'Check the permissions, or choose another path.'],
  EROFS: ['input', 'the file system is read-only', 'Choose another path.'],
  ENAMETOOLONG: ['input', 'the name is too long', 'Choose a shorter one.'],
  ELOOP: ['input', 'its symbolic links lead in a circle', 'Check the path.'],
  ENXIO: ['input', 'there is no such device', 'Check the path.'],
  EINVAL: ['input', 'the system does not take this path or operation', 'Choose another path.'],
  ENOSPC: ['failure', 'the disk is full', space],
  EDQUOT: ['failure', 'your share of the disk is full', space],
  EFBIG: ['failure', 'the file is larger than the system allows', 'Check "ulimit -f" and the file system.'],
  ERR_FS_FILE_TOO_LARGE: ['input', 'the file is larger than Node reads at once', 'Give a smaller one.'],
  EMFILE: ['failure', 'too many files are open', 'Raise "ulimit -n".'],
  ENFILE: ['failure', 'too many files are open in the system', 'Close other programs.'],
  EIO: ['failure', 'the device failed', 'Check the disk.'],
  EBUSY: ['failure', 'it is used by another program', 'Close that program.'],
  ETXTBSY: ['failure', 'it is used by another program', 'Close that program.'],
  ESTALE: ['failure', 'the file is gone from its server', 'Run again.'],
};

/** A failure of the file system: which path, what is wrong with it, and what to do. */
export class FileSystemError extends NtkLensError {
  static readonly code = 'FILE_SYSTEM';
  /** The name that the system gives it, such as `ENOSPC`. */
  readonly systemCode: string;
  constructor(place: string, systemCode: string, [kind, found, advice]: Meaning, cause: unknown) {
    super(FileSystemError.code, kind, `${place}: ${found} (${systemCode}). ${advice}`, { cause });
    this.systemCode = systemCode;
  }
}

/** Node refuses such a path before it asks the system. */
const nullByte: Meaning = ['input', 'the path holds a null byte', 'Check the path.'];

const network = new Set(['connect', 'bind', 'listen', 'getaddrinfo']);

/** Names end where they are too long to be read. */
const shown = (path: string): string => (path.length > 300 ? `${path.slice(0, 300)}…` : path);

/**
 * The typed error behind an error of the file system; anything else as it is.
 *
 * @param place named where the error has no path of its own
 * @example
 * ```ts
 * const text = await readFile(file).catch((error) => { throw fileSystemError(error, file); });
 * ```
 */
export const fileSystemError = (error: unknown, place = 'A file'): unknown => {
  if (!(error instanceof Error) || !('code' in error)) return error;
  const { code, path, dest, syscall } = error as NodeJS.ErrnoException & { readonly dest?: string };
  if (code === 'ERR_INVALID_ARG_VALUE' && error.message.includes('without null bytes'))
    return new FileSystemError(shown(place.replaceAll('\0', '\\0')), code, nullByte, error);
  const meaning = typeof code === 'string' && Object.hasOwn(meanings, code) ? meanings[code] : undefined;
  const ofFiles = syscall === undefined ? code === 'ERR_FS_FILE_TOO_LARGE' : !network.has(syscall);
  if (meaning === undefined || !ofFiles) return error;
  // A rename or a link failed at the file that it writes.
  return new FileSystemError(shown(String(dest ?? path ?? place)), code!, meaning, error);
};
