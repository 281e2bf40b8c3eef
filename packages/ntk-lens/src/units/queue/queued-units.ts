import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '@ntk-lens/core';
import type { QueuedUnits } from '@ntk-lens/queue';
import { type Units, unitsName } from '../manifest.js';
import { readMarks } from '../marks.js';
import { unitCommands } from '../unit-commands.js';
import { placeOf } from './place-of.js';

/** The units of a directory as a queue knows them; whether one is finished is seen from its files, without a model. */
export const queuedUnits = async (directory: string, units: Units): Promise<QueuedUnits> => ({
  manifest: sha256()
    .update(await readFile(join(directory, unitsName)))
    .hex(),
  place: await placeOf(directory),
  model: units.model.hash,
  program: units.kind.program,
  names: units.units.map(({ name }) => name),
  isDone: (unit) => unitCommands[units.command].looksDone(directory, units.units[unit]!),
  failures: async () => {
    const marks = await readMarks(directory);
    return new Map([...marks].map(([unit, { failures }]) => [unit, failures.map(({ message }) => message)]));
  },
});
