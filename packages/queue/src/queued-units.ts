import type { LongTaskOptions } from '@ntk-lens/core';

/** Failures after which a unit is not tried again. */
export const MOST_TRIES = 3;

/** Units as a queue knows them: their names, and whether they are finished. Redis is never asked that. */
export interface QueuedUnits {
  /** SHA-256 of their manifest. */
  readonly manifest: string;
  /** Name of the place of their results, by letters, digits and hyphens: the same work in another place has another queue. */
  readonly place: string;
  /** Hash of the model that they are planned for. */
  readonly model: string;
  /** Name and version of the program that planned them. */
  readonly program: string;
  /** Names by number. */
  readonly names: readonly string[];
  /**
   * True where a unit is finished.
   *
   * @param whole also verify the hashes of its results
   */
  isDone(unit: number, whole: boolean): Promise<boolean>;
  /** Messages of the failures of units that are kept with the results, by number. */
  failures(): Promise<ReadonlyMap<number, readonly string[]>>;
}

/** Units that this process can compute. */
export interface WorkableUnits extends QueuedUnits {
  /**
   * Computes a unit, whose result is the same however often that is done.
   *
   * @returns `elsewhere` where another process computes it at this moment
   */
  compute(unit: number, long: LongTaskOptions): Promise<'computed' | 'elsewhere'>;
  /** True for an error that says nothing of the unit, such as a full disk: the worker ends with it. */
  isOfTheWorker(error: unknown): boolean;
}

/** A unit that is not tried again. */
export interface FailedUnit {
  readonly unit: number;
  readonly name: string;
  readonly tries: number;
  readonly message: string;
}
