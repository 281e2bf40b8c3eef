import type { SessionOptions } from '../run/with-lens.js';
import { MissingUnitsError } from './errors.js';
import { refuseOtherKind } from './kind.js';
import { readUnits } from './manifest.js';
import { removeMarks } from './marks.js';
import { refuseOtherModel } from './open-units.js';
import { type Places, withPlaces } from './places.js';
import { unitCommands } from './unit-commands.js';
import type { Assembled } from './unit-work.js';

export interface AssembleOptions extends SessionOptions {
  readonly places: Places;
}

/**
 * Puts the results of all units together, as the command leaves them that planned the units. The hashes of all parts are
 * verified, and parts of kernels are not computed: a process of any kind can do it.
 *
 * @throws MissingUnitsError, which names units that are not finished or not whole; what `runWorker` throws before it works
 */
export const assembleUnits = async (directory: string, options: AssembleOptions): Promise<Assembled> => {
  const units = await readUnits(directory);
  const config = withPlaces(directory, units, options.places);
  refuseOtherKind(units.kind, true);
  const placed = { directory, units, config, mixed: false };
  const { withWork, assemble } = unitCommands[units.command];
  return withWork(placed, options, async (work, lens) => {
    await refuseOtherModel(lens, placed);
    const missing: string[] = [];
    for (const unit of units.units) if (!(await work.isDone(unit))) missing.push(unit.name);
    if (missing.length > 0) throw new MissingUnitsError(directory, missing, units.units.length);
    const done = await assemble(placed, lens, options);
    await removeMarks(directory);
    return done;
  });
};
