import { z } from 'zod';
import { ForeignMessageError } from './errors.js';
import type { QueuedUnits } from './queued-units.js';

const format = 'ntk-lens-unit';
const version = 1;
const hash = z.string().regex(/^[\da-f]{64}$/);

const messageSchema = z.strictObject({
  format: z.literal(format),
  version: z.literal(version),
  /** SHA-256 of the manifest of the units. */
  manifest: hash,
  /** Hash of the model that they are planned for. */
  model: hash,
  /** Name and version of the program. */
  program: z.string().min(1).max(100),
  /** Number of the unit in the manifest. */
  unit: z.int().nonnegative(),
});

/** Content of a job: a reference to a unit, without data and without a path. */
export type UnitMessage = z.infer<typeof messageSchema>;

/** The message about a unit. */
export const messageOf = ({ manifest, model, program }: QueuedUnits, unit: number): UnitMessage => ({
  ...{ format, version, manifest, model, program, unit },
});

/** Name of the job of a unit: a unit has one at a time. */
export const jobOf = (unit: number): string => `unit-${unit}`;

/**
 * The unit that a message is about.
 *
 * @param job name of the job, for the error
 * @throws ForeignMessageError for anything else than a message about one of the units; it names what differs
 */
export const unitIn = (job: string, data: unknown, units: QueuedUnits): number => {
  const read = messageSchema.safeParse(data);
  if (!read.success)
    throw new ForeignMessageError(
      job,
      read.error.issues.map(({ path, message }) => `field "${path.join('.')}": ${message}`),
    );
  const differences = (['manifest', 'model', 'program'] as const).flatMap((field) =>
    read.data[field] === units[field]
      ? []
      : [`${field}: found ${read.data[field]}, expected ${units[field]}`],
  );
  const { unit } = read.data;
  if (unit >= units.names.length || job !== jobOf(unit))
    differences.push(`unit: found ${unit} in ${job}, expected less than ${units.names.length} in its own`);
  if (differences.length > 0) throw new ForeignMessageError(job, differences);
  return unit;
};
