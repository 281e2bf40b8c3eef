import { join } from 'node:path';
import {
  FileSystemError,
  fileHash,
  type HashOptions,
  isError,
  NtkLensError,
  readSealedJson,
} from '@ntk-lens/core';
import { DamagedCheckpointError } from '../../training/errors.js';
import type { TrainingRecord } from '../../training/run/training-record.js';

/** Version of the layout of checkpoints; a training of another version is refused. */
export const checkpointVersion = 3;

const CHECKPOINT = 'checkpoint.json';

/** A file of tensors, with the SHA-256 of its bytes. */
export interface StoredFile {
  readonly name: string;
  readonly sha256: string;
}

/** The content of `checkpoint.json`, sealed with its own hash. */
export interface StoredTraining extends TrainingRecord {
  readonly format: 'ntk-lens-training';
  readonly version: typeof checkpointVersion;
  readonly identity: Readonly<Record<string, unknown>>;
  readonly files: {
    /** Goes when training is finished and dev has chosen: only the best values matter then. */
    readonly state?: StoredFile;
    readonly best?: StoredFile;
    /** Points of the trajectory, in the order in which they were written; names begin with the folder. */
    readonly trajectory: readonly StoredFile[];
  };
}

/** A checkpoint of another version. */
export class OldCheckpointError extends NtkLensError {
  static readonly code = 'OLD_CHECKPOINT';
  constructor(
    directory: string,
    /** Version that was found. */
    readonly found: number,
  ) {
    super(
      OldCheckpointError.code,
      'input',
      `The checkpoint in ${directory} is of another version: found version ${found}, expected ${checkpointVersion}. Remove the folder, or say \`force: true\` where there is such an option, to train from the start.`,
    );
  }
}

/** The file that holds the record of a training. */
export const checkpointFile = (directory: string): string => join(directory, CHECKPOINT);

/**
 * The record of a training, checked against its own hash.
 *
 * @returns undefined where there is none
 * @throws DamagedCheckpointError, OldCheckpointError; FileSystemError
 */
export const readStoredTraining = async (directory: string): Promise<StoredTraining | undefined> => {
  const file = checkpointFile(directory);
  const stored = await readSealedJson(file);
  if (stored === undefined) return undefined;
  const { fields, whole } = stored;
  if (fields === undefined) throw new DamagedCheckpointError(file, 'no JSON');
  if (fields['format'] !== 'ntk-lens-training') throw new DamagedCheckpointError(file, 'another format');
  const { version } = fields;
  if (typeof version !== 'number') throw new DamagedCheckpointError(file, 'no version');
  if (version !== checkpointVersion) throw new OldCheckpointError(directory, version);
  if (!whole) throw new DamagedCheckpointError(file, 'content that does not fit its SHA-256');
  return fields as unknown as StoredTraining;
};

/**
 * Refuses a file whose bytes are not those that were written.
 *
 * @throws DamagedCheckpointError
 */
export const verifyStoredFile = async (
  directory: string,
  { name, sha256 }: StoredFile,
  options?: HashOptions,
): Promise<void> => {
  const file = join(directory, name);
  const found = await fileHash(file, options).catch((error: unknown) => {
    if (!isError(error, FileSystemError)) throw error;
    throw new DamagedCheckpointError(file, 'no file that can be read', { cause: error });
  });
  if (found !== sha256) throw new DamagedCheckpointError(file, `bytes with SHA-256 ${found}, not ${sha256}`);
};
