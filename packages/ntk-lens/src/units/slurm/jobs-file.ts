import { join } from 'node:path';
import { readSealedJson, writeSealedJson } from '@ntk-lens/core';
import { z } from 'zod';
import { DamagedJobsError } from './errors.js';

/** Folder of a directory of units that has all that concerns SLURM: the record of jobs, their script and what they print. */
export const slurmFolder = 'slurm';

const format = 'ntk-lens-slurm';
const version = 1;
const job = z.string().regex(/^\d+$/);

const recordSchema = z.strictObject({
  format: z.literal(format),
  version: z.literal(version),
  /** Name of the array; the name of the job that puts results together ends with `-assembly`. */
  name: z.string().regex(/^ntk-lens-[\da-f]{12}$/),
  /** Workers whose shares are computed, from 0; each is an element of the array. */
  elements: z.array(z.int().nonnegative()),
  /** Number of the array; absent where none was submitted. */
  array: job.optional(),
  /** Number of the job that puts results together. */
  assembly: job.optional(),
});

/** Content of `slurm/jobs.json` (docs/formats.md): the jobs of a directory that were submitted last. */
export type JobsRecord = Omit<z.infer<typeof recordSchema>, 'format' | 'version'>;

const fileOf = (directory: string): string => join(directory, slurmFolder, 'jobs.json');

/**
 * The jobs of a directory that were submitted last; undefined where there were none.
 *
 * @throws DamagedJobsError, FileSystemError
 */
export const readJobs = async (directory: string): Promise<JobsRecord | undefined> => {
  const file = fileOf(directory);
  const stored = await readSealedJson(file);
  if (stored === undefined) return undefined;
  const known = recordSchema.safeParse(stored.fields);
  if (!known.success) {
    const { path, message } = known.error.issues[0]!;
    throw new DamagedJobsError(file, `field "${path.join('.')}": ${message}`);
  }
  if (!stored.whole) throw new DamagedJobsError(file, 'content that does not fit its SHA-256');
  const { format: _, version: __, ...record } = known.data;
  return record;
};

/** Records the jobs of a directory. */
export const writeJobs = (directory: string, record: JobsRecord): Promise<void> =>
  writeSealedJson(fileOf(directory), { format, version, ...record });

/** Names of the jobs: the array, and the one that puts results together. */
export const namesOf = ({ name }: Pick<JobsRecord, 'name'>): readonly [array: string, assembly: string] => [
  name,
  `${name}-assembly`,
];
