import { isError } from '@ntk-lens/core';
import { type Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { ForeignMessageError } from './errors.js';
import { jobOf, messageOf, type UnitMessage, unitIn } from './message.js';
import { type FailedUnit, MOST_TRIES, type QueuedUnits } from './queued-units.js';

/** Before the names of all keys in Redis. */
export const PREFIX = 'ntk-lens';

/** Words of BullMQ about a job whose workers vanished again and again. */
const STALLED = /stalled more than allowable/;

/** The name of the queue of units: workers of other units, or of the same ones elsewhere, do not look into it. */
export const queueNameOf = ({ manifest, place }: QueuedUnits): string => `${manifest.slice(0, 16)}-${place}`;

/** The queue of units. */
export type UnitQueue = Queue<UnitMessage>;

export const openQueue = (client: Redis, units: QueuedUnits): UnitQueue => {
  const queue: UnitQueue = new Queue(queueNameOf(units), {
    ...{ connection: client, prefix: PREFIX },
    streams: { events: { maxLen: 1000 } },
  });
  queue.on('error', () => {});
  return queue;
};

/** The states of units, as the directory and the queue show them. */
export interface Filled {
  readonly done: readonly number[];
  /** Units that were in the queue, or are put in now. */
  readonly left: readonly number[];
  readonly failed: readonly FailedUnit[];
}

/**
 * Puts every unit that is not finished into the queue, where it is not in it. The results alone say which are
 * finished, so a queue that was lost is filled again. Several processes may do so at the same time.
 *
 * @param retry also those that failed too often
 * @param whole verify the hashes of what is finished
 */
export const fillQueue = async (
  queue: UnitQueue,
  units: QueuedUnits,
  { retry = false, whole = false }: { readonly retry?: boolean; readonly whole?: boolean } = {},
): Promise<Filled> => {
  const failedJobs = new Map((await queue.getFailed()).map((job) => [job.id, job]));
  const kept = retry ? undefined : await units.failures();
  const done: number[] = [];
  const left: { readonly unit: number; readonly tries: number }[] = [];
  const failed: FailedUnit[] = [];
  for (const [unit, name] of units.names.entries()) {
    const job = failedJobs.get(jobOf(unit));
    const finished = await units.isDone(unit, whole);
    if (job && (finished || retry || isForeign(job, units))) await job.remove().catch(() => {});
    else if (job) {
      failed.push({ unit, name, tries: job.attemptsMade, message: reasonOf(job) });
      continue;
    }
    if (finished) {
      done.push(unit);
      continue;
    }
    const failures = kept?.get(unit) ?? [];
    const tries = MOST_TRIES - failures.length;
    if (tries > 0) left.push({ unit, tries });
    else failed.push({ unit, name, tries: failures.length, message: failures.at(-1)! });
  }
  // A job that is already there stays as it is.
  await queue.addBulk(
    left.map(({ unit, tries }) => ({
      ...{ name: 'unit', data: messageOf(units, unit) },
      opts: { jobId: jobOf(unit), attempts: tries, removeOnComplete: true, stackTraceLimit: 0 },
    })),
  );
  return { done, left: left.map(({ unit }) => unit), failed };
};

const isForeign = ({ id, data }: Job, units: QueuedUnits): boolean => {
  try {
    unitIn(id ?? '', data, units);
    return false;
  } catch (error) {
    if (isError(error, ForeignMessageError)) return true;
    throw error;
  }
};

/** The error of a job, for people. */
const reasonOf = ({ failedReason = '' }: Job): string =>
  STALLED.test(failedReason)
    ? 'The workers that computed it vanished, again and again: memory may be too small.'
    : failedReason;

/** The number of jobs that are not finished and not failed. */
export const openJobs = (queue: UnitQueue): Promise<number> =>
  queue.getJobCountByTypes('wait', 'active', 'delayed', 'prioritized', 'waiting-children');
