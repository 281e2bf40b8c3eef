import { DirectoryInUseError, isError, isNtkLensError, throwIfCancelled } from '@ntk-lens/core';
import { OtherTilesError } from '@ntk-lens/kernels';
import { type Lens, NoPartsError, OtherRunError } from '@ntk-lens/lens';
import { rethrowDiskFull } from '@ntk-lens/lens/stored';
import type { SessionOptions } from '../run/with-lens.js';
import { UnitsFailedError, WorkerKindError } from './errors.js';
import { refuseOtherKind } from './kind.js';
import { readUnits } from './manifest.js';
import { failuresOf, forgetFailures, keepFailure, MOST_TRIES, markRunning, removeGone } from './marks.js';
import { type Places, withPlaces } from './places.js';
import { shareOf, type WorkerIndex } from './share.js';
import { unitCommands } from './unit-commands.js';
import type { PlacedUnits, UnitWork } from './unit-work.js';

export interface WorkerOptions extends SessionOptions, WorkerIndex {
  readonly places: Places;
  /** Work although this process is of another kind than the units are planned for. Default: false. */
  readonly mixed?: boolean;
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
export const runWorker = async (directory: string, options: WorkerOptions): Promise<Worked> => {
  const { places, mixed = false, retry = false, index, of, signal } = options;
  const units = await readUnits(directory);
  const config = { ...withPlaces(directory, units, places), threads: units.kind.threads };
  refuseOtherKind(units.kind, mixed);
  const share = shareOf(units.units, { index, of });
  await removeGone(directory);
  if (retry) await forgetFailures(directory, share);
  const placed = { directory, units, config, mixed };
  return unitCommands[units.command].withWork(placed, options, async (work, lens) => {
    await refuseOtherModel(lens, placed);
    refuseOtherKind(units.kind, mixed, (await lens.runtime.open()).info);
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
};

/** @throws WorkerKindError */
export const refuseOtherModel = async ({ model }: Lens, { units }: PlacedUnits): Promise<void> => {
  const found = await model.hash();
  const { hash } = units.model;
  if (found !== hash) throw new WorkerKindError([`model hash: found ${found}, expected ${hash}`], false);
};

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
    const ended = await markRunning(directory, number);
    try {
      await work.compute(unit, { signal, onProgress });
    } finally {
      await ended();
    }
    return 'computed';
  } catch (error) {
    if (isError(error, DirectoryInUseError)) return 'elsewhere';
    if (isOfTheWorker(error)) return rethrowDiskFull(directory, error);
    await keepFailure(directory, number, error);
    return 'again';
  }
};

/** True for errors that say nothing of the unit: the work was stopped, the disk is full, or this is another directory or machine. */
const isOfTheWorker = (error: unknown): boolean => {
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
