import {
  DirectoryInUseError,
  isError,
  isNtkLensError,
  type LongTaskOptions,
  throwIfCancelled,
} from '@ntk-lens/core';
import { OtherTilesError } from '@ntk-lens/kernels';
import { NoPartsError, OtherRunError } from '@ntk-lens/lens';
import { rethrowDiskFull } from '@ntk-lens/lens/stored';
import type { SessionOptions } from '../run/with-lens.js';
import { UnitsFailedError } from './errors.js';
import type { Unit } from './manifest.js';
import { failuresOf, forgetFailures, keepFailure, MOST_TRIES, markRunning, removeGone } from './marks.js';
import { type OpenUnitsOptions, withUnits } from './open-units.js';
import { shareOf, type WorkerIndex } from './share.js';
import type { PlacedUnits, UnitWork } from './unit-work.js';

export interface WorkerOptions extends OpenUnitsOptions, WorkerIndex {
  /** Try units again that failed too often. Default: false. */
  readonly retry?: boolean;
  /** Called when units of the share are found finished, or were computed. */
  readonly onUnit?: (done: number, total: number) => void;
}

/** The result of a worker. */
export interface Worked {
  readonly format: 'ntk-lens-worked';
  readonly version: 1;
  readonly directory: string;
  /** Names of the units of the share. */
  readonly computed: readonly string[];
  /** Units that were finished before. */
  readonly known: readonly string[];
  /** Units that another process computes in a directory of their own. */
  readonly elsewhere: readonly string[];
}

/**
 * Computes a share of the units of a directory, and nothing else. Units that are finished and whole are left as they are. Any
 * number of workers may do so at the same time, in any order; two with the same share do no harm.
 *
 * @example
 * ```ts
 * await runWorker('shared', { index: 2, of: 8, places: { model: 'roberta-base' } });
 * ```
 * @throws NoUnitsError, DamagedUnitsError, PlaceNeededError; WorkerKindError, which names what differs; UnitsFailedError, which names
 *   units that failed three times, when the others are finished; DiskFullError, CancelledError
 */
export const runWorker = (directory: string, options: WorkerOptions): Promise<Worked> =>
  withUnits(directory, options, async (work, placed) => {
    const { units } = placed;
    const { retry = false, index, of, signal } = options;
    const share = shareOf(units.units, { index, of });
    await removeGone(directory);
    if (retry) await forgetFailures(directory, share);
    const found: Record<Outcome, number[]> = { known: [], computed: [], elsewhere: [], failed: [] };
    const { onUnit } = options;
    let left = share;
    // Units that failed are tried again when the others are done.
    while (left.length > 0) {
      const again: number[] = [];
      for (const unit of left) {
        throwIfCancelled(signal, 'The worker');
        const outcome = await computeUnit(work, placed, unit, options);
        if (outcome === 'again') again.push(unit);
        else found[outcome].push(unit);
        onUnit?.(found.known.length + found.computed.length, share.length);
      }
      left = again;
    }
    if (found.failed.length > 0) throw await failed(placed, found.failed);
    const names = (numbers: readonly number[]) => numbers.map((unit) => units.units[unit]!.name);
    return {
      ...{ format: 'ntk-lens-worked', version: 1, directory, computed: names(found.computed) },
      ...{ known: names(found.known), elsewhere: names(found.elsewhere) },
    };
  });

type Outcome = 'known' | 'computed' | 'elsewhere' | 'failed';

const computeUnit = async (
  work: UnitWork,
  { directory, units }: PlacedUnits,
  number: number,
  { signal, onProgress }: SessionOptions,
): Promise<Outcome | 'again'> => {
  const unit = units.units[number]!;
  if (await work.isDone(unit)) return 'known';
  if ((await failuresOf(directory, number)).length >= MOST_TRIES) return 'failed';
  try {
    return await attemptUnit(work, directory, number, unit, { signal, onProgress });
  } catch (error) {
    if (isOfTheWorker(error)) throw error;
    return 'again';
  }
};

/**
 * Computes a unit, and says so to others meanwhile. Its failure is kept in the directory.
 *
 * @throws the error of the unit, or one that `isOfTheWorker`
 */
export const attemptUnit = async (
  work: UnitWork,
  directory: string,
  number: number,
  unit: Unit,
  long: LongTaskOptions,
): Promise<'computed' | 'elsewhere'> => {
  try {
    const ended = await markRunning(directory, number);
    try {
      await work.compute(unit, long);
    } finally {
      await ended();
    }
    return 'computed';
  } catch (error) {
    if (isError(error, DirectoryInUseError)) return 'elsewhere';
    if (isOfTheWorker(error)) return rethrowDiskFull(directory, error);
    await keepFailure(directory, number, error);
    throw error;
  }
};

/** True for errors that say nothing of the unit: the work was stopped, the disk is full, or this is another directory or machine. */
export const isOfTheWorker = (error: unknown): boolean => {
  if (isNtkLensError(error) && error.kind === 'cancelled') return true;
  if ([OtherTilesError, OtherRunError, NoPartsError].some((own) => isError(error, own))) return true;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return ['ENOSPC', 'EDQUOT', 'DISK_FULL', 'OTHER_RUNTIME', 'TOLERANCE'].some((own) => own === code);
};

const failed = async (
  { directory, units }: PlacedUnits,
  numbers: readonly number[],
): Promise<UnitsFailedError> =>
  new UnitsFailedError(
    await Promise.all(
      numbers.map(async (number) => {
        const failures = await failuresOf(directory, number);
        return {
          ...{ name: units.units[number]!.name, tries: failures.length },
          message: failures.at(-1)?.message ?? '',
        };
      }),
    ),
  );
