import { join } from 'node:path';
import { readIfThere } from '@ntk-lens/core';
import type { RunConfig } from '../options/run-config.js';
import { OtherUnitsError } from './errors.js';
import { readUnits, type Units, unitsName, writeUnits } from './manifest.js';
import { withoutPlaces } from './places.js';

/** Planned work, and its directory. */
export interface PlannedUnits {
  readonly directory: string;
  readonly units: Units;
}

/** Options of the machine, which do not say what the work is. */
const ofMachine = ['threads', 'memory', 'profile', 'runtime'] as const;

/** Deviation that a worker of another kind may have, as a share of the largest entry of a probe. */
const TOLERANCE = 1e-3;

/**
 * Writes the units of a directory. Where the same work was planned there before, that plan stays: its units may be finished, and
 * have results of one plan only.
 *
 * @throws OtherUnitsError where other work was planned
 */
export const writePlan = async (
  directory: string,
  {
    config,
    ...planned
  }: Omit<Units, 'format' | 'version' | 'config' | 'given' | 'tolerance'> & { readonly config: RunConfig },
): Promise<PlannedUnits> => {
  const units = { ...planned, ...withoutPlaces(config, directory), tolerance: TOLERANCE };
  if ((await readIfThere(join(directory, unitsName))) === undefined) await writeUnits(directory, units);
  const known = await readUnits(directory);
  const differing = differences(whatOf(known), whatOf(units));
  if (differing.length > 0) throw new OtherUnitsError(directory, differing);
  return { directory, units: known };
};

/** Everything that says what the work is. */
const whatOf = ({
  command,
  config,
  check,
  reproduction,
  model,
}: Pick<Units, 'command' | 'config' | 'check' | 'reproduction' | 'model'>): Readonly<
  Record<string, unknown>
> => ({
  ...{ command, model: model.hash },
  ...Object.fromEntries(
    Object.entries({ ...config, ...check, ...reproduction }).filter(
      ([name]) => name !== 'model' && !ofMachine.some((own) => own === name),
    ),
  ),
});

const differences = (
  one: Readonly<Record<string, unknown>>,
  other: Readonly<Record<string, unknown>>,
): readonly string[] =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
    (name) => JSON.stringify(one[name]) !== JSON.stringify(other[name]),
  );
