import { join } from 'node:path';
import { readSealedJson, writeSealedJson } from '@ntk-lens/core';
import { z } from 'zod';
import { profileSchema } from '../machine/profile-schema.js';
import { DamagedRunError, NotRunDirectoryError, RunVersionError } from './errors.js';

/** Version of the run format that this program writes. Finished kernels of versions 1 and 2 are read, nothing else of them. */
export const runVersion = 3;

/** Name of the file that says what a run is and which of its files are finished. */
export const manifestName = 'manifest.json';

const record = z.record(z.string(), z.unknown());
const planSchema = z.object({
  memory: z.number().positive(),
  profile: profileSchema,
  parts: z.int().positive().optional(),
});
const manifestSchema = z.object({
  format: z.literal('ntk-lens-run'),
  version: z.union([z.literal(1), z.literal(2), z.literal(runVersion)]),
  /**
   * The settings that the kernels depend on; `formula` is a name, or an object with a `name` and the settings
   * of the formula.
   */
  kernel: record,
  /** Budget, machine profile and number of parts of the plan; no part of the identity. */
  plan: planSchema.optional(),
  solve: record.optional(),
  /**
   * The source of each option: flag, configuration file, environment or project file; no part of the
   * identity.
   */
  sources: record.optional(),
  /** The findings and trials for data of one's own; no part of the identity. */
  suggestion: record.optional(),
  environment: record.optional(),
  /** Findings that were made with them, which are shown again without them. */
  results: record.optional(),
  /** Finished files with their bytes and SHA-256; a file is listed after it was written. */
  files: z.record(z.string(), z.object({ bytes: z.number(), sha256: z.string() })),
});

/** Content of `manifest.json`; docs/formats.md describes its fields. */
export type Manifest = z.infer<typeof manifestSchema>;

const newerSchema = z.object({
  format: z.literal('ntk-lens-run'),
  version: z.number().int().gt(runVersion),
});

/**
 * The manifest of a directory, of any version up to this one; undefined where there is none. From version 3 on it is verified by
 * the hash that it carries.
 *
 * @throws RunVersionError for one of a later version; DamagedRunError for one that is not what a run wrote; NotRunDirectoryError for
 *   anything else of that name; FileSystemError
 */
export const readManifest = async (path: string): Promise<Manifest | undefined> => {
  const stored = await readSealedJson(join(path, manifestName));
  if (stored === undefined) return undefined;
  const { fields, whole } = stored;
  if (fields === undefined) throw new NotRunDirectoryError(path, `a ${manifestName} that is not JSON`);
  const newer = newerSchema.safeParse(fields);
  if (newer.success) throw RunVersionError.newer(path, newer.data.version, runVersion);
  const known = manifestSchema.safeParse(fields);
  if (!known.success) throw new NotRunDirectoryError(path, `a ${manifestName} that no run wrote`);
  if (!whole && known.data.version === runVersion)
    throw new DamagedRunError(path, manifestName, 'not what the run wrote', 'content that fits its SHA-256');
  return known.data;
};

/**
 * Writes a manifest in one order of fields, however it came about: a resumed run ends with the same bytes. A plan that was read has
 * the order of its schema, and so has one that is new.
 */
export const writeManifest = (
  path: string,
  { format, version, kernel, plan, solve, sources, suggestion, environment, results, files }: Manifest,
): Promise<void> =>
  writeSealedJson(join(path, manifestName), {
    ...{ format, version, kernel, plan: plan && planSchema.parse(plan) },
    ...{ solve, sources, suggestion, environment, results, files },
  });
