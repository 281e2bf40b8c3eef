import { realpath } from 'node:fs/promises';
import { join, posix, sep, win32 } from 'node:path';
import { readSealedJson, writeSealedJson } from '@ntk-lens/core';
import { z } from 'zod';
import { checkFields } from '../options/check.js';
import { isOption } from '../options/declare.js';
import { partNames, protocolOptimizers } from '../options/reproduce.js';
import { optionSources, runFields } from '../options/run-config.js';
import { partialSchemaOf } from '../options/schema.js';
import { DamagedUnitsError, NoUnitsError } from './errors.js';

/** Name of the file that lists the units of a directory. */
export const unitsName = 'units.json';

const format = 'ntk-lens-units';
const version = 1;

/** True for a path that leads nowhere outside of the directory from which it is meant. */
const isInside = (path: string): boolean =>
  !posix.isAbsolute(path) &&
  !win32.isAbsolute(path) &&
  !/^[a-z]:/i.test(path) &&
  !path.includes('\0') &&
  !path.split(/[/\\]/).includes('..');

const inside = z.string().min(1).refine(isInside, 'Expected a path inside of the directory.');
const count = z.number().nonnegative();
const hash = z.string().regex(/^[\da-f]{64}$/);

const unitSchema = z.strictObject({
  /** For a person, and the same for no other unit. */
  name: z.string().min(1),
  /** Its directory. */
  folder: inside,
  /** SHA-256 of the samples. */
  data: hash,
  /** A part of a kernel; without it the unit is the whole work of its folder. */
  part: z
    .strictObject({
      level: z.enum(['sum', 'layer', 'parameter']),
      number: z.int().nonnegative(),
      /** Names of its tiles. */
      tiles: z.array(z.string().regex(/^[a-z]+-\d{4,}$/)).min(1),
    })
    .optional(),
  /** Pieces of a reproduction that are computed together, because they share directories; each is known by its key. */
  cells: z.array(inside).min(1).optional(),
  /** Counted work, except `onceFlops`. */
  flops: count.optional(),
  /** FLOPs of it on examples that another unit runs, too. */
  repeatedFlops: count.optional(),
  /** FLOPs that are done once for all units of the same folder and level: by all processes together with `statesBytes`, else by each. */
  onceFlops: count.optional(),
  /** Bytes of the files by which processes share that work, for all units of the same folder; they go with the units. */
  statesBytes: count.optional(),
  /** Bytes that it writes. */
  bytes: count.optional(),
  /** Estimated peak of its memory. */
  peakBytes: count.optional(),
});

const kindSchema = z.strictObject({
  program: z.string(),
  instructions: z.string(),
  runtime: z.string(),
  version: z.string(),
  dtype: z.string(),
  threads: z.int().positive(),
  reason: z.string(),
});

const manifestSchema = z.strictObject({
  format: z.literal(format),
  version: z.literal(version),
  command: z.enum(['kernel', 'run', 'check', 'reproduce']),
  /** Options of the run; those with a path lie inside of the directory. */
  config: partialSchemaOf(runFields).superRefine((config, context) => {
    for (const [name, value] of Object.entries(config)) {
      const field = runFields[name as keyof typeof runFields];
      if (isOption(field) && field.kind.path && typeof value === 'string' && !isInside(value))
        context.addIssue({
          code: 'custom',
          path: [name],
          message: 'Expected a path inside of the directory.',
        });
    }
  }),
  /** The source of each option. */
  sources: z.record(z.string(), z.enum(optionSources)).optional(),
  /** Options of a check, or of a reproduction. */
  check: partialSchemaOf(checkFields).optional(),
  reproduction: z
    .strictObject({
      parts: z.array(z.enum(partNames)),
      optimizers: z.array(z.enum(protocolOptimizers)),
      spaces: z.array(z.string()),
    })
    .optional(),
  /** Options with a path outside of the directory, which a worker is given again. */
  given: z.array(z.string()),
  kind: kindSchema,
  model: z.strictObject({ name: z.string(), hash }),
  /** A kernel of the first training examples for each folder, to whose largest entry a worker of another kind is held. */
  probes: z.record(inside, z.array(z.number())).optional(),
  /** Deviation from a probe that a worker of another kind may have. */
  tolerance: z.number().positive(),
  /** Workers that the work was cut for. */
  workers: z.int().positive(),
  units: z.array(unitSchema).min(1),
});

/** A piece of work that depends on no other one, and has the same result however often it is done. */
export type Unit = z.infer<typeof unitSchema>;

/** The kind of a process, on which the last bits of results depend. */
export type WorkerKind = z.infer<typeof kindSchema>;

/** Content of `units.json` (docs/formats.md). */
export type Units = z.infer<typeof manifestSchema>;

/**
 * The units of a directory.
 *
 * @throws NoUnitsError; DamagedUnitsError for a manifest that is not what planning wrote; FileSystemError
 */
export const readUnits = async (directory: string): Promise<Units> => {
  const file = join(directory, unitsName);
  const stored = await readSealedJson(file);
  if (stored === undefined) throw new NoUnitsError(directory);
  const { fields, whole } = stored;
  if (fields?.['format'] === format && fields['version'] !== version)
    throw new DamagedUnitsError(file, `version ${JSON.stringify(fields['version'])}, not ${version}`);
  const known = manifestSchema.safeParse(fields);
  if (!known.success) {
    const { path, message } = known.error.issues[0]!;
    throw new DamagedUnitsError(file, `field "${path.join('.')}": ${message}`);
  }
  if (!whole) throw new DamagedUnitsError(file, 'content that does not fit its SHA-256');
  await refuseLinks(directory, file, known.data);
  return known.data;
};

/** Refuses folders that are links to places outside, since workers write into folders that a manifest names. */
const refuseLinks = async (directory: string, file: string, { units }: Units): Promise<void> => {
  const root = await realpath(directory);
  const named = units.flatMap(({ folder, cells = [] }) => [folder, ...cells]);
  const places = new Set(
    named.flatMap((path) => {
      const steps = path.split(/[/\\]/);
      return steps.map((_, i) => steps.slice(0, i + 1).join('/'));
    }),
  );
  for (const place of places) {
    const real = await realpath(join(directory, place)).catch(() => undefined);
    if (real === undefined || real === root || real.startsWith(`${root}${sep}`)) continue;
    throw new DamagedUnitsError(file, `${place}, which is a link to a place outside of the directory`);
  }
};

/** Writes the units of a directory. */
export const writeUnits = (directory: string, units: Omit<Units, 'format' | 'version'>): Promise<void> =>
  writeSealedJson(join(directory, unitsName), { format, version, ...units });
