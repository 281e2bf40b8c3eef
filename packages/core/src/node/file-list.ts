import { basename, dirname, join } from 'node:path';
import { isError, NtkLensError } from '../errors.js';
import { fileHash, type HashOptions } from './file-hash.js';
import { FileSystemError } from './file-system-error.js';
import { readSealedJson, writeSealedJson } from './sealed-json.js';
import { sha256 } from './sha256.js';

/** Name of the file that lists what was written to a directory of a model, an adapter or data. */
export const fileListName = 'ntk-lens-files.json';

const format = 'ntk-lens-files';
const version = 1;

/** Name → SHA-256 of the file's bytes. */
export type FileList = Readonly<Record<string, string>>;

/** A file whose bytes are not those that were written. */
export class DamagedFileError extends NtkLensError {
  static readonly code = 'DAMAGED_FILE';
  constructor(directory: string, name: string, found: string, expected: string) {
    super(
      DamagedFileError.code,
      'input',
      `${join(directory, name)}: found ${found}, expected ${expected}. Write the directory again; to use what is there as it is, remove ${fileListName}.`,
    );
  }
}

/**
 * Lists files of a directory with their hashes, so that a reader knows whether they are what was written. Files that people are
 * meant to edit, such as `config.json`, are left out.
 */
export const writeFileList = (directory: string, files: FileList): Promise<void> =>
  writeSealedJson(join(directory, fileListName), { format, version, files });

/**
 * The list of a directory's files.
 *
 * @returns undefined where there is none: the directory is not of this program
 * @throws DamagedFileError for a list that is damaged; FileSystemError
 */
export const readFileList = async (directory: string): Promise<FileList | undefined> => {
  const stored = await readSealedJson(join(directory, fileListName));
  if (stored === undefined) return undefined;
  const { fields, whole } = stored;
  if (!whole) throw new DamagedFileError(directory, fileListName, 'other content', 'what fits its SHA-256');
  if (fields?.['format'] !== format || fields['version'] !== version)
    throw new DamagedFileError(
      directory,
      fileListName,
      'another format',
      `version ${version} of a file list`,
    );
  return fields['files'] as FileList;
};

/**
 * Verifies the files that a directory lists; one without a list is left alone. Large files that are known from before, by
 * inode, size and times, are not read again.
 *
 * @throws DamagedFileError, which names the file; FileSystemError
 */
export const verifyFileList = async (directory: string, options?: HashOptions): Promise<void> => {
  for (const [name, expected] of Object.entries((await readFileList(directory)) ?? {})) {
    const found = await fileHash(join(directory, name), options).catch((error: unknown) => {
      if (!isError(error, FileSystemError)) throw error;
      throw new DamagedFileError(directory, name, 'no file that can be read', `SHA-256 ${expected}`);
    });
    compare(directory, name, found, expected);
  }
};

/**
 * Verifies bytes that were read from a file, where its directory lists it. A file that is not listed is not of this program.
 *
 * @throws DamagedFileError, which names the file; FileSystemError
 */
export const verifyListed = async (file: string, bytes: Uint8Array): Promise<void> => {
  const [directory, name] = [dirname(file), basename(file)];
  const expected = (await readFileList(directory))?.[name];
  if (expected !== undefined) compare(directory, name, sha256().update(bytes).hex(), expected);
};

const compare = (directory: string, name: string, found: string, expected: string): void => {
  if (found !== expected)
    throw new DamagedFileError(directory, name, `SHA-256 ${found}`, `SHA-256 ${expected}, as it was written`);
};
