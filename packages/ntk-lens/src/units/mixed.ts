import { join } from 'node:path';
import { ConflictingOptionsError, writeSealedJson } from '@ntk-lens/core';
import type { WorkerKind } from './manifest.js';

/** Folder of the records of units that workers of another kind computed; it stays with the results. */
export const mixedName = 'mixed';

/** Records which kind of worker computed a unit, where it is not the planned one, and how far its probe deviates. */
export const recordMixed = (
  directory: string,
  unit: string,
  kind: WorkerKind,
  deviation: number,
): Promise<void> =>
  writeSealedJson(join(directory, mixedName, `${unit.replace(/[^\w.-]+/g, '_')}.json`), {
    unit,
    kind,
    deviation,
  });

/** @throws ConflictingOptionsError for units whose results are trainings and choices, for which no tolerance is stated */
export const refuseMixed = (unit: string): never => {
  throw new ConflictingOptionsError(
    `\`mixed\` accepts only parts of kernels from workers of another kind, and the unit ${unit} is more than a part of a kernel.`,
    'Start the worker on a machine of the planned kind.',
  );
};
