import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { callSlurm, isAlive, lockedDirectory, namesIn, slurmJobs, writeWhole } from '@ntk-lens/core';
import { refuseOtherKind } from '../kind.js';
import { readUnits, type Units } from '../manifest.js';
import { forgetFailures, marksName } from '../marks.js';
import { type Places, placeFlags, withPlaces } from '../places.js';
import { unitCommands } from '../unit-commands.js';
import { JobsRunningError, SlurmMissingError, SlurmRefusedError } from './errors.js';
import { namesOf, readJobs, slurmFolder, writeJobs } from './jobs-file.js';
import { type Needs, needsOf, needsOfAssembly, sharesLeft } from './needs.js';
import { checkSbatchOptions, type Job, type SbatchOptions, sbatchArgv } from './sbatch-argv.js';

export interface SubmitOptions extends SbatchOptions {
  readonly places: Places;
  /** FLOP/s of one thread, from which time limits follow. */
  readonly rate: number;
  /** Take nodes of another kind than the planned one. Default: false. */
  readonly mixed?: boolean;
  /** Say what would be submitted, and ask nothing of SLURM. Default: false. */
  readonly explain?: boolean;
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

/** The result of a submission. */
export interface Submitted {
  readonly format: 'ntk-lens-submitted';
  readonly version: 1;
  readonly directory: string;
  /** Units that are not finished. */
  readonly left: number;
  readonly script: string;
  /** The array, and the job that puts results together; none where all is finished and put together. */
  readonly jobs: readonly SubmittedJob[];
}

/** The script of all jobs. The program and its arguments reach it as its own arguments, so no shell reads them. */
const script = '#!/bin/sh\nexec "$@"\n';

/**
 * Submits the units of a directory that are not finished to SLURM, as an array with an element for each worker that has such
 * units. A further job puts the results together when all elements succeed.
 *
 * @example
 * ```ts
 * await submitToSlurm('shared', { places: {}, rate: 20e9, partition: 'cpu' });
 * ```
 * @throws SlurmMissingError, SlurmRefusedError; JobsRunningError where jobs of the directory go on; SbatchOptionError, SlurmPathError; NoUnitsError,
 *   DamagedUnitsError, PlaceNeededError, WorkerKindError for another version of the program; DamagedJobsError, FileSystemError
 */
export const submitToSlurm = async (directory: string, options: SubmitOptions): Promise<Submitted> => {
  const { places, rate, mixed = false, explain = false } = options;
  const units = await readUnits(directory);
  withPlaces(directory, units, places);
  refuseOtherKind(units.kind, true);
  checkSbatchOptions(options.sbatch ?? []);
  const left = await unitsLeft(directory, units);
  const result = { format: 'ntk-lens-submitted', version: 1, directory, left: left.length, script } as const;
  if (left.length === 0 && !(await namesIn(directory)).includes(marksName)) return { ...result, jobs: [] };
  // Where all units look finished and were not put together, workers verify them.
  const asked = new Set(left.length === 0 ? units.units.keys() : left);
  const shares = sharesLeft(units, (unit) => asked.has(unit));
  const elements = [...shares.keys()].filter((index) => shares[index]!.length > 0);
  const needs = needsOf(units, shares, rate);
  const name = `ntk-lens-${randomBytes(6).toString('hex')}`;
  const [arrayName, assemblyName] = namesOf({ name });
  const program = [process.execPath, ...process.execArgv, process.argv[1]!];
  const worker = [...program, 'worker', '--units', directory, ...placeFlags(places), '--quiet'];
  const file = join(directory, slurmFolder, 'job.sh');
  const withArgv = (job: Job, ...own: readonly string[]): SubmittedJob => ({
    ...{ needs: job.needs, elements: job.elements },
    argv: [...sbatchArgv(directory, job, options), '--', file, ...worker, ...own],
  });
  const array = withArgv({ name: arrayName, elements, needs }, '--slurm', ...(mixed ? ['--mixed'] : []));
  const assembly = (after: string): SubmittedJob =>
    withArgv({ name: assemblyName, after, needs: needsOfAssembly(needs) }, '--assemble');
  if (explain) return { ...result, jobs: [array, assembly('ARRAY')] };
  await refuseRunning(directory);
  return lockedDirectory(join(directory, slurmFolder), async () => {
    // Nobody else can have submitted meanwhile, now that the folder is locked.
    await refuseRunning(directory);
    await forgetFailures(directory, [...asked]);
    await writeWhole(file, script);
    // The name is known before the jobs are, so that those of a process that is killed here are found by it.
    const record = { name, elements };
    await writeJobs(directory, record);
    const first = await submitJob(array.argv);
    await writeJobs(directory, { ...record, array: first });
    const second = assembly(first);
    const last = await submitJob(second.argv).catch(async (error) => {
      await callSlurm('scancel', [first]);
      throw error;
    });
    await writeJobs(directory, { ...record, array: first, assembly: last });
    return {
      ...result,
      jobs: [
        { ...array, id: first },
        { ...second, id: last },
      ],
    };
  });
};

/** Numbers of the units that do not look finished. */
const unitsLeft = async (directory: string, { command, units }: Units): Promise<readonly number[]> => {
  const left: number[] = [];
  for (const [number, unit] of units.entries())
    if (!(await unitCommands[command].looksDone(directory, unit))) left.push(number);
  return left;
};

/** @throws JobsRunningError, SlurmMissingError, SlurmRefusedError */
const refuseRunning = async (directory: string): Promise<void> => {
  const record = await readJobs(directory);
  const answer = await slurmJobs(record ? `--name=${namesOf(record).join(',')}` : '--name=ntk-lens');
  if ('failed' in answer) {
    if (answer.failed.missing) throw new SlurmMissingError('squeue');
    throw new SlurmRefusedError('squeue', answer.failed);
  }
  const alive = answer.jobs.filter(isAlive);
  if (alive.length === 0) return;
  const counts = new Map<string, number>();
  for (const { state } of alive) counts.set(state, (counts.get(state) ?? 0) + 1);
  const states = [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
  throw new JobsRunningError(directory, states, [...new Set(alive.map(({ array }) => array))]);
};

/** @returns the number of the job */
const submitJob = async (argv: readonly string[]): Promise<string> => {
  const answer = await callSlurm('sbatch', argv);
  if (answer.missing) throw new SlurmMissingError('sbatch');
  const id = /^(\d+)(?:;|$)/m.exec(answer.stdout.trim())?.[1];
  if (answer.code !== 0 || id === undefined) throw new SlurmRefusedError('sbatch', answer);
  return id;
};
