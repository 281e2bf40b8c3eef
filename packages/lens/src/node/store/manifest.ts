import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { NotRunDirectoryError, RunVersionError } from './errors.js';

/** Version of the run format that this program writes. Finished kernels of version 1 are read, nothing else of it. */
export const runVersion = 2;

/** Name of the file that says what a run is and which of its files are finished. */
export const manifestName = 'manifest.json';

const record = z.record(z.string(), z.unknown());
const manifestSchema = z.object({
  format: z.literal('ntk-lens-run'),
  version: z.union([z.literal(1), z.literal(runVersion)]),
  /** What the kernels depend on; `formula` is a name, or an object with a `name` and the settings of the formula. */
  kernel: record,
  solve: record.optional(),
  /** Which of flag, configuration file, environment and project file the options are from; no part of the identity. */
  sources: record.optional(),
  environment: record.optional(),
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
 * The manifest of a directory, of version 1 or 2; undefined where there is none.
 *
 * @throws RunVersionError for one of a later version; NotRunDirectoryError for anything else of that name
 */
export const readManifest = async (path: string): Promise<Manifest | undefined> => {
  let text: string;
  try {
    text = await readFile(join(path, manifestName), 'utf8');
  } catch {
    return undefined;
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new NotRunDirectoryError(path, `a ${manifestName} that is not JSON`);
  }
  const newer = newerSchema.safeParse(content);
  if (newer.success) throw RunVersionError.newer(path, newer.data.version, runVersion);
  const known = manifestSchema.safeParse(content);
  if (!known.success) throw new NotRunDirectoryError(path, `a ${manifestName} that is none of a run`);
  return known.data;
};
