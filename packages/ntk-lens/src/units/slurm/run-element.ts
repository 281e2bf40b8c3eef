import { callSlurm, isNtkLensError, ownRun } from '@ntk-lens/core';
import { readUnits } from '../manifest.js';
import { runWorker, type Worked, type WorkerOptions } from '../run-worker.js';
import {
  NoElementError,
  RequeuedError,
  SlurmMissingError,
  SlurmRefusedError,
  TimeLimitError,
} from './errors.js';
import { TIME_SIGNAL } from './sbatch-argv.js';

/** Times that a job is begun, after which the end of its time is a failure. */
const MOST_RUNS = 10;

export interface ElementOptions extends Omit<WorkerOptions, 'index' | 'of'> {
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Computes the share of an element of an array that `submitToSlurm` sent. Where SLURM stops it, by SIGTERM, it ends at its next
 * safe point; a job that is preempted is put into the queue again by SLURM. Where its time is nearly over it ends there
 * too, and puts itself into the queue again. Finished units and tiles are kept.
 *
 * @throws NoElementError, RequeuedError, TimeLimitError; what `runWorker` throws, such as CancelledError once it was stopped
 */
export const runElement = async (directory: string, { env, ...options }: ElementOptions): Promise<Worked> => {
  const run = ownRun(env);
  const element = env['SLURM_ARRAY_TASK_ID'];
  if (run === undefined || element === undefined || !/^\d+$/.test(element)) throw new NoElementError();
  const { workers } = await readUnits(directory);
  const controller = new AbortController();
  let timeIsOver = false;
  const stop = (): void => controller.abort();
  const leave = (): void => {
    timeIsOver = true;
    stop();
  };
  process.on('SIGTERM', stop);
  process.on(TIME_SIGNAL, leave);
  const signal = AbortSignal.any([controller.signal, ...(options.signal ? [options.signal] : [])]);
  const deafen = (): void => {
    process.off('SIGTERM', stop);
    process.off(TIME_SIGNAL, leave);
  };
  try {
    const worked = await runWorker(directory, { ...options, index: Number(element), of: workers, signal });
    deafen();
    return worked;
  } catch (error) {
    const cancelled = isNtkLensError(error) && error.kind === 'cancelled';
    if (!timeIsOver || !cancelled) {
      deafen();
      throw error;
    }
    if (run.restart + 1 >= MOST_RUNS) throw new TimeLimitError(run.restart + 1);
    await requeue(run.job);
    // SLURM sends SIGTERM to what is left of this run, which is about to end by itself.
    throw new RequeuedError();
  }
};

/** Puts the job of this process into the queue again, where it waits for its next run. SLURM ends what is left of this one. */
const requeue = async (job: string): Promise<void> => {
  const answer = await callSlurm('scontrol', ['requeue', job]);
  if (answer.missing) throw new SlurmMissingError('scontrol');
  if (answer.code !== 0) throw new SlurmRefusedError('scontrol requeue', answer, 'The job ends.');
};
