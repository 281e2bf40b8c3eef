import type { LongTaskOptions } from '@ntk-lens/core';
import type { LanguageModel } from '@ntk-lens/models';
import type { SpaceModel } from '@ntk-lens/subspace';
import type { TrajectoryPoint } from '@ntk-lens/tensor-programs';
import { NoDiskError } from '../errors.js';

/** A fine-tuned model, and where it came from. */
export interface TunedParts {
  readonly base: LanguageModel;
  /** The model at which training started. */
  readonly start: SpaceModel;
  readonly model: LanguageModel;
  /**
   * Directory of the base model, whose config.json and tokenizer are copied; absent for one that is in no
   * directory.
   */
  readonly baseDirectory?: string;
}

/** The store of trainings and measurements. */
export interface Disk {
  /**
   * Opens a directory for work of this identity, or makes it.
   *
   * @throws OtherRunError with the differing fields, RunVersionError, LabelOrderError, NotRunDirectoryError, unless `replace`
   */
  openRun(directory: string, identity: Readonly<Record<string, unknown>>, replace: boolean): Promise<void>;
  /** A measurement that an earlier call left, or a new one, which is written when it is whole. */
  measured<T>(file: string, identity: unknown, measure: () => Promise<T>): Promise<T>;
  /** The points that a training from `start` left. */
  readTrajectory(directory: string, start: LanguageModel): Promise<readonly TrajectoryPoint[]>;
  /** Writes θ_T. @returns path of what was written */
  writeTuned(directory: string, tuned: TunedParts, long: LongTaskOptions): Promise<string>;
  /**
   * Does work that no other process may do in the directory at the same time.
   *
   * @throws DirectoryInUseError, which names the other process; FileSystemError
   */
  locked<T>(directory: string, work: () => Promise<T>): Promise<T>;
  /** Removes what a writer that was killed left in these folders. */
  removeUnfinished(...folders: readonly string[]): Promise<void>;
  remove(directory: string): Promise<void>;
  /** Makes a directory for work that keeps nothing. */
  temporary(): Promise<string>;
}

/** @throws NoDiskError where there is none, as in a page */
export const diskOf = ({ platform: { disk } }: { readonly platform: { readonly disk?: Disk } }): Disk => {
  if (!disk) throw new NoDiskError();
  return disk;
};
