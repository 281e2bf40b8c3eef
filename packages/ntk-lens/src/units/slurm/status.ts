import { type SlurmJob, slurmJobs } from '@ntk-lens/core';
import { namesOf, readJobs } from './jobs-file.js';

/** The jobs of a directory that were submitted last. */
export interface SlurmStatus {
  /** Number of the array, and of the job that puts results together. */
  readonly array?: string;
  readonly assembly?: string;
  /** The jobs that SLURM knows; it forgets those that ended some minutes ago. Undefined where it does not answer. */
  readonly jobs?: readonly SlurmJob[];
  /** The words of SLURM where it does not answer. */
  readonly why?: string;
}

/**
 * The state of the jobs of a directory, as SLURM says it; undefined where none were submitted.
 *
 * @throws DamagedJobsError, FileSystemError
 */
export const slurmStatus = async (directory: string): Promise<SlurmStatus | undefined> => {
  const record = await readJobs(directory);
  if (record === undefined) return undefined;
  const { array, assembly } = record;
  const answer = await slurmJobs(`--name=${namesOf(record).join(',')}`);
  if (!('failed' in answer)) return { array, assembly, jobs: answer.jobs };
  return {
    array,
    assembly,
    why: answer.failed.missing ? 'there is no squeue here' : answer.failed.stderr.trim(),
  };
};
