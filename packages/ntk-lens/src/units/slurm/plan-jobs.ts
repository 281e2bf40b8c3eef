import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Units } from '../manifest.js';
import { type Places, placeFlags } from '../places.js';
import { namesOf, slurmFolder } from './jobs-file.js';
import { type Needs, needsOf, needsOfAssembly, sharesLeft } from './needs.js';
import { type Job, type SbatchOptions, sbatchArgv } from './sbatch-argv.js';

/** Options of jobs. */
export interface JobOptions extends SbatchOptions {
  readonly places: Places;
  /** FLOP/s of one thread, from which time limits follow. */
  readonly rate: number;
  /** Take nodes of another kind than the planned one. Default: false. */
  readonly mixed?: boolean;
}

/** A job that was submitted, or would be. */
export interface SubmittedJob {
  /** Its number; undefined where it was not submitted. */
  readonly id?: string;
  readonly needs: Needs;
  /** Elements of the array. */
  readonly elements?: readonly number[];
  /** Arguments of sbatch, with the script and its own. */
  readonly argv: readonly string[];
}

/** The jobs that compute units. */
export interface PlannedJobs {
  /** Name of the array. */
  readonly name: string;
  readonly elements: readonly number[];
  readonly array: SubmittedJob;
  /** The job that puts results together after the job of that number. */
  readonly assembly: (after: string) => SubmittedJob;
}

/** The script of all jobs. The program and its arguments reach it as its own arguments, so no shell reads them. */
export const script = '#!/bin/sh\nexec "$@"\n';

/** The place of the script. */
export const scriptFile = (directory: string): string => join(directory, slurmFolder, 'job.sh');

/**
 * The jobs that compute some units of a directory, under a new name.
 *
 * @param asked numbers of the units
 * @throws SlurmPathError
 */
export const planJobs = (
  directory: string,
  units: Units,
  asked: ReadonlySet<number>,
  options: JobOptions,
): PlannedJobs => {
  const { places, rate, mixed = false } = options;
  const shares = sharesLeft(units, (unit) => asked.has(unit));
  const elements = [...shares.keys()].filter((index) => shares[index]!.length > 0);
  const needs = needsOf(units, shares, rate);
  const name = `ntk-lens-${randomBytes(6).toString('hex')}`;
  const [arrayName, assemblyName] = namesOf({ name });
  const program = [process.execPath, ...process.execArgv, process.argv[1]!];
  const worker = [...program, 'worker', '--units', directory, ...placeFlags(places), '--quiet'];
  const withArgv = (job: Job, ...own: readonly string[]): SubmittedJob => ({
    ...{ needs: job.needs, elements: job.elements },
    argv: [...sbatchArgv(directory, job, options), '--', scriptFile(directory), ...worker, ...own],
  });
  return {
    ...{ name, elements },
    array: withArgv({ name: arrayName, elements, needs }, '--slurm', ...(mixed ? ['--mixed'] : [])),
    assembly: (after) => withArgv({ name: assemblyName, after, needs: needsOfAssembly(needs) }, '--assemble'),
  };
};
