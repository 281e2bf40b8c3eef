import { join } from 'node:path';
import { callSlurm, isAlive, lockedDirectory, namesIn, slurmJobs, writeWhole } from '@ntk-lens/core';
import { refuseOtherKind } from '../kind.js';
import { readUnits, type Units } from '../manifest.js';
import { forgetFailures, marksName } from '../marks.js';
import { withPlaces } from '../places.js';
import { unitCommands } from '../unit-commands.js';
import { JobsRunningError, SlurmMissingError, SlurmRefusedError } from './errors.js';
import { namesOf, readJobs, slurmFolder, writeJobs } from './jobs-file.js';
import {
  type JobOptions,
  type PlannedJobs,
  planJobs,
  type SubmittedJob,
  script,
  scriptFile,
} from './plan-jobs.js';
import { checkSbatchOptions } from './sbatch-argv.js';

export interface SubmitOptions extends JobOptions {
  /** Say what would be submitted, and ask nothing of SLURM. Default: false. */
  readonly explain?: boolean;
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
  const units = await readUnits(directory);
  withPlaces(directory, units, options.places);
  refuseOtherKind(units.kind, true);
  checkSbatchOptions(options.sbatch ?? []);
  const left = await unitsLeft(directory, units);
  const result = { format: 'ntk-lens-submitted', version: 1, directory, left: left.length, script } as const;
  if (left.length === 0 && !(await namesIn(directory)).includes(marksName)) return { ...result, jobs: [] };
  // Where all units look finished and were not put together, workers verify them.
  const asked = left.length === 0 ? [...units.units.keys()] : left;
  const planned = planJobs(directory, units, new Set(asked), options);
  if (options.explain) return { ...result, jobs: [planned.array, planned.assembly('ARRAY')] };
  await refuseRunning(directory);
  return lockedDirectory(join(directory, slurmFolder), async () => {
    // Another process may have submitted before the folder was locked.
    await refuseRunning(directory);
    await forgetFailures(directory, asked);
    return { ...result, jobs: await submitJobs(directory, planned) };
  });
};

/** Submits an array and its assembly. Their name is recorded before, so that jobs are found by it if this process is killed. */
const submitJobs = async (
  directory: string,
  { name, elements, array, assembly }: PlannedJobs,
): Promise<readonly SubmittedJob[]> => {
  const record = { name, elements: [...elements] };
  await writeWhole(scriptFile(directory), script);
  await writeJobs(directory, record);
  const first = await submitJob(array.argv);
  await writeJobs(directory, { ...record, array: first });
  const after = assembly(first);
  const last = await submitJob(after.argv).catch(async (error) => {
    await callSlurm('scancel', [first]);
    throw error;
  });
  await writeJobs(directory, { ...record, array: first, assembly: last });
  return [
    { ...array, id: first },
    { ...after, id: last },
  ];
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
  const ids = [...new Set(alive.map(({ array }) => array))].sort((a, b) => Number(a) - Number(b));
  throw new JobsRunningError(directory, states, ids);
};

/** @returns the number of the job */
const submitJob = async (argv: readonly string[]): Promise<string> => {
  const answer = await callSlurm('sbatch', argv);
  if (answer.missing) throw new SlurmMissingError('sbatch');
  const id = /^(\d+)(?:;|$)/m.exec(answer.stdout.trim())?.[1];
  if (answer.code !== 0 || id === undefined) throw new SlurmRefusedError('sbatch', answer);
  return id;
};
