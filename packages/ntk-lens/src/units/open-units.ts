import type { Lens } from '@ntk-lens/lens';
import type { SessionOptions } from '../run/with-lens.js';
import { WorkerKindError } from './errors.js';
import { refuseOtherKind } from './kind.js';
import { readUnits } from './manifest.js';
import { type Places, withPlaces } from './places.js';
import { unitCommands } from './unit-commands.js';
import type { PlacedUnits, UnitWork } from './unit-work.js';

export interface OpenUnitsOptions extends SessionOptions {
  readonly places: Places;
  /** Work although this process is of another kind than the units are planned for. Default: false. */
  readonly mixed?: boolean;
}

/**
 * Uses the work behind the units of a directory, with a session open, on a process of the planned kind.
 *
 * @throws NoUnitsError, DamagedUnitsError, PlaceNeededError; WorkerKindError, which names what differs
 */
export const withUnits = async <T>(
  directory: string,
  { places, mixed = false, ...options }: OpenUnitsOptions,
  use: (work: UnitWork, placed: PlacedUnits) => Promise<T>,
): Promise<T> => {
  const units = await readUnits(directory);
  const config = { ...withPlaces(directory, units, places), threads: units.kind.threads };
  refuseOtherKind(units.kind, mixed);
  const placed = { directory, units, config, mixed };
  return unitCommands[units.command].withWork(placed, options, async (work, lens) => {
    await refuseOtherModel(lens, placed);
    refuseOtherKind(units.kind, mixed, (await lens.runtime.open()).info);
    return use(work, placed);
  });
};

/** @throws WorkerKindError */
export const refuseOtherModel = async ({ model }: Lens, { units }: PlacedUnits): Promise<void> => {
  const found = await model.hash();
  const { hash } = units.model;
  if (found !== hash) throw new WorkerKindError([`model hash: found ${found}, expected ${hash}`], false);
};
