import type { LongTaskOptions } from '@ntk-lens/core';
import type { Lens } from '@ntk-lens/lens';
import type { RunConfig } from '../options/run-config.js';
import type { Reproduction } from '../reproduce/reproduce.js';
import type { CheckedExperiment } from '../run/check/check-experiment.js';
import type { Experiment } from '../run/experiment.js';
import type { SessionOptions } from '../run/with-lens.js';
import type { Unit, Units } from './manifest.js';

/** The work behind the units of a directory, with a session open. */
export interface UnitWork {
  /** True where a unit is finished, and its files are whole. */
  isDone(unit: Unit): Promise<boolean>;
  /** Computes a unit, whose result is the same however often that is done. */
  compute(unit: Unit, long: LongTaskOptions): Promise<void>;
}

/** Planned work, and the way to it on this machine. */
export interface PlacedUnits {
  readonly directory: string;
  readonly units: Units;
  readonly config: RunConfig;
  /** Another kind of worker is taken. */
  readonly mixed: boolean;
}

/** The result of a command whose units are all finished. */
export type Assembled =
  | { readonly command: 'kernel' | 'run'; readonly result: Experiment }
  | { readonly command: 'check'; readonly result: CheckedExperiment }
  | { readonly command: 'reproduce'; readonly result: Reproduction };

/** The units of one command. */
export interface UnitCommand {
  /** Puts the results of all units together. */
  assemble(placed: PlacedUnits, lens: Lens, options: SessionOptions): Promise<Assembled>;
  /** True where a unit has been finished, by a look at its files that does without a model and without their hashes. */
  looksDone(directory: string, unit: Unit): Promise<boolean>;
  /**
   * Opens a session with the samples of all units, compares the data with those that were planned before weights are read, and
   * uses the work behind the units.
   *
   * @throws WorkerKindError for other data
   */
  withWork<T>(
    placed: PlacedUnits,
    options: SessionOptions,
    use: (work: UnitWork, lens: Lens) => Promise<T>,
  ): Promise<T>;
}
