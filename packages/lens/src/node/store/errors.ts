import { NtkLensError } from '@ntk-lens/core';
import type { Difference } from './differences.js';

/** An output directory that holds another run. */
export class OtherRunError extends NtkLensError {
  static readonly code = 'OTHER_RUN';
  readonly differences: readonly Difference[];
  constructor(directory: string, differences: readonly Difference[]) {
    const list = differences.map(
      ({ field, found, expected }) => `  ${field}: there ${found}, here ${expected}`,
    );
    super(
      OtherRunError.code,
      'input',
      `${directory} holds another run. It differs in\n${list.join('\n')}\nGive another --out, or --force to replace what is there.`,
    );
    this.differences = differences;
  }
}

/** A run directory of another version of the format than the one that this program writes. */
export class RunVersionError extends NtkLensError {
  static readonly code = 'RUN_VERSION';
  constructor(
    directory: string,
    /** Version that was found. */
    readonly found: number,
    /** Version that this program writes. */
    readonly expected: number,
    holds: string,
    advice: string,
  ) {
    super(
      RunVersionError.code,
      'input',
      `${directory}: found version ${found} of the run format (${holds}), expected version ${expected}. ${advice}`,
    );
  }

  /** One that a later program wrote. */
  static newer(directory: string, found: number, expected: number): RunVersionError {
    const advice = 'A newer ntk-lens wrote it: use that one, or give another --out.';
    return new RunVersionError(directory, found, expected, 'of a newer program', advice);
  }

  /**
   * One that an earlier program wrote, in which no run can continue.
   *
   * @param use a sentence that says what can still be done with it
   */
  static older(
    directory: string,
    found: number,
    expected: number,
    holds: string,
    use: string,
  ): RunVersionError {
    const advice = `${use} Remove the folder, give --force to replace what is there, or give another --out.`;
    return new RunVersionError(directory, found, expected, holds, advice);
  }
}

/** A stored run of a task whose labels are in another order today. */
export class LabelOrderError extends NtkLensError {
  static readonly code = 'LABEL_ORDER';
  constructor(
    directory: string,
    task: string,
    found: readonly string[],
    expected: readonly string[],
    converted: boolean,
  ) {
    const [why, advice] = converted
      ? [
          'Its files are those of LM-Kernel-FT, described with the wrong order',
          'Convert them again with --force, or into another --out.',
        ]
      : [
          'Its logit columns, label indices and axes of kernels are in the old order',
          'Compute it again: remove the folder, give --force to replace what is there, or give another --out.',
        ];
    super(
      LabelOrderError.code,
      'input',
      `${directory}: the order of labels of ${task} changed since this run: found ${found.join(', ')}, expected ${expected.join(', ')}, the order of LM-Kernel-FT. ${why}. ${advice}`,
    );
  }
}

/** An output directory with files that no run wrote. */
export class NotRunDirectoryError extends NtkLensError {
  static readonly code = 'NOT_RUN_DIRECTORY';
  constructor(directory: string, found: string) {
    super(
      NotRunDirectoryError.code,
      'input',
      `${directory} holds ${found}, expected an empty or new directory, or one of an earlier run. Give another --out, or --force to write into this directory.`,
    );
  }
}

/** Stored files of a run that are missing, of another size or changed. */
export class DamagedRunError extends NtkLensError {
  static readonly code = 'DAMAGED_RUN';
  constructor(directory: string, file: string, found: string, expected: string) {
    super(
      DamagedRunError.code,
      'input',
      `${directory}: ${file} is ${found}, expected ${expected}. Run again with --force to compute it anew.`,
    );
  }
}

/** The disk of a run directory is full. */
export class DiskFullError extends NtkLensError {
  static readonly code = 'DISK_FULL';
  constructor(directory: string, cause: unknown) {
    super(
      DiskFullError.code,
      'failure',
      `No space is left on the disk of ${directory}. Finished work is kept. Free some space, and run again to resume.`,
      { cause },
    );
  }
}

/** @internal Throws DiskFullError for a failure to write because the disk, or the user's share of it, is full. */
export const rethrowDiskFull = (directory: string, error: unknown): never => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  throw code === 'ENOSPC' || code === 'EDQUOT' ? new DiskFullError(directory, error) : error;
};

/** A directory from which kernels were to be read and that does not hold them. */
export class NoKernelsError extends NtkLensError {
  static readonly code = 'NO_KERNELS';
  constructor(directory: string, missing: string, found: readonly string[]) {
    const holds = found.length === 0 ? 'nothing' : found.slice(0, 20).join(', ');
    super(
      NoKernelsError.code,
      'input',
      `${directory} has no ${missing}; it holds ${holds}. Expected train.npy, dev.npy, test.npy and <split>_labels.npy, as "ntk-lens kernel --out" writes them, or LM-Kernel-FT's {train,dev,test}_kernels_TASK.pt.`,
    );
  }
}

/** A directory in which no kernel was planned for several processes. */
export class NoPartsError extends NtkLensError {
  static readonly code = 'NO_PARTS';
  constructor(directory: string) {
    super(
      NoPartsError.code,
      'input',
      `${directory} has no manifest with the plan of a kernel, expected one that several processes share. Plan the work again in the same directory. Finished parts are kept.`,
    );
  }
}

/** Torch files that do not hold the kernels of one run of LM-Kernel-FT. */
export class ForeignKernelsError extends NtkLensError {
  static readonly code = 'FOREIGN_KERNELS';
  constructor(file: string, found: string, expected: string) {
    super(
      ForeignKernelsError.code,
      'input',
      `${file}: found ${found}, expected ${expected}. Give files of one run as LM-Kernel-FT saves them.`,
    );
  }
}
