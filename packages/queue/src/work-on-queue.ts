import { CancelledError, isError, type LongTaskOptions, type ProgressEvent } from '@ntk-lens/core';
import { DelayedError, type Job, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { type OnConnection, withRedis } from './connect.js';
import { ForeignMessageError } from './errors.js';
import { fillQueue, openJobs, openQueue, PREFIX, queueNameOf, type UnitQueue } from './fill-queue.js';
import { type UnitMessage, unitIn } from './message.js';
import { ELSEWHERE, putOffUnits } from './put-off-units.js';
import type { FailedUnit, WorkableUnits } from './queued-units.js';
import type { RedisAddress } from './redis-address.js';

/** Times that the workers of a unit may vanish before it counts as failed. */
const MOST_LOSSES = 5;

/** Milliseconds between two looks at a queue in which this worker finds nothing to do. */
const IDLE = 1000;

/** Milliseconds between two reports of progress to Redis. */
const REPORTS = 1000;

/** Milliseconds in which a queue is left properly; then it is left as by a worker that was killed. */
const PARTING = 5000;

export interface QueueWorkOptions extends LongTaskOptions {
  /** Seconds that a worker may be silent before another one takes its unit. Default: 60. */
  readonly lease?: number;
  /** Try units again that failed too often. Default: false. */
  readonly retry?: boolean;
  readonly onConnection?: OnConnection;
  /** Called with the error of a message that was refused. */
  readonly onRefused?: (error: ForeignMessageError) => void;
  /** Called when units are found finished or failed, by whichever worker. */
  readonly onUnit?: (done: number, total: number) => void;
}

/** Result of a worker. */
export interface QueueWork {
  /** Units that it computed. */
  readonly computed: readonly number[];
  /** Units that it was given and found finished. */
  readonly known: readonly number[];
  /** Units that failed too often, on whichever worker. */
  readonly failed: readonly FailedUnit[];
}

/**
 * Computes units that a queue on Redis hands out, one at a time, until all of them are finished or failed, and waits for those of
 * other workers: it takes theirs where they vanish. Units that are not in the queue are put in, so a Redis that lost everything
 * costs no result. A Redis that goes away is waited for.
 *
 * When the signal fires, the unit at hand goes back into the queue at once, so that another worker can take it. The function rejects
 * with CancelledError once the unit has come to its next safe point.
 *
 * @throws RedisAddressError, RedisUnreachableError before any work; the error of a unit that `isOfTheWorker`
 */
export const workOnQueue = (
  units: WorkableUnits,
  address: RedisAddress,
  options: QueueWorkOptions = {},
): Promise<QueueWork> =>
  withRedis(address, options.onConnection, async (client) => {
    const queue = openQueue(client, units);
    await fillQueue(queue, units, { retry: options.retry });
    return workUntilSettled(client, queue, units, options);
  });

const workUntilSettled = async (
  client: Redis,
  queue: UnitQueue,
  units: WorkableUnits,
  { lease = 60, signal, onProgress, onRefused, onUnit }: QueueWorkOptions,
): Promise<QueueWork> => {
  const computed: number[] = [];
  const known: number[] = [];
  /** The job at hand. */
  let atHand: { readonly job: Job<UnitMessage>; readonly token: string; back?: Promise<unknown> } | undefined;
  /** Its computation. */
  let computing: Promise<unknown> = Promise.resolve();
  let stop: (error?: unknown) => void = () => {};
  /** Resolves when this worker has to end, with an error that is not about a unit. */
  const stopped = new Promise<{ readonly error?: unknown }>((resolve) => {
    stop = (error) => resolve({ error });
  });

  const compute = async (job: Job<UnitMessage>, token: string): Promise<void> => {
    const unit = unitIn(job.id ?? '', job.data, units);
    if (await units.isDone(unit, true)) {
      known.push(unit);
      return;
    }
    const work = units.compute(unit, { signal, onProgress: progressOf(job, onProgress) });
    computing = work.catch(() => {});
    const outcome = await work;
    if (outcome === 'computed') {
      computed.push(unit);
      return;
    }
    await job.moveToDelayed(Date.now() + ELSEWHERE, token);
    throw new DelayedError();
  };

  const handle = async (job: Job<UnitMessage>, token = ''): Promise<void> => {
    atHand = { job, token };
    try {
      await compute(job, token);
    } catch (error) {
      if (isError(error, ForeignMessageError)) {
        onRefused?.(error);
        throw new UnrecoverableError(error.message);
      }
      const cancelled = signal?.aborted === true;
      if (!cancelled && !units.isOfTheWorker(error)) throw error;
      stop(cancelled ? undefined : error);
      await giveBack();
      throw new WaitingError();
    } finally {
      atHand = undefined;
    }
  };

  /** From now on no other job is taken; the one at hand goes back as if it had not begun. */
  const giveBack = async (): Promise<void> => {
    void worker.close();
    if (atHand) await (atHand.back ??= within(atHand.job.moveToWait(atHand.token), PARTING));
  };

  const worker = new Worker<UnitMessage, void>(queueNameOf(units), handle, {
    ...{ connection: client, prefix: PREFIX, concurrency: 1, autorun: false },
    ...{ lockDuration: lease * 1000, stalledInterval: lease * 250, maxStalledCount: MOST_LOSSES },
    drainDelay: 1,
  });
  // A lock that was lost, or a job that a Redis forgot: results are files, and the queue is filled again.
  worker.on('error', () => {});
  const abort = (): void => {
    stop();
    void giveBack();
  };
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  const running = worker.run().catch(stop);
  const handOut = putOffUnits(queue);
  try {
    for (;;) {
      const ended = await Promise.race([stopped, pause(IDLE)]);
      if (ended) {
        if (signal?.aborted) throw new CancelledError('The worker');
        throw ended.error;
      }
      if (atHand) continue;
      const open = await Promise.race([openJobs(queue), stopped.then(() => -1)]);
      if (open < 0) continue;
      onUnit?.(units.names.length - open, units.names.length);
      if (open > 0) {
        await Promise.race([handOut(), stopped]);
        continue;
      }
      // Whoever starts a worker where nothing is left doubts that the results are whole.
      const whole = computed.length + known.length === 0;
      const { left, failed } = await fillQueue(queue, units, { whole });
      if (left.length === 0) return { computed, known, failed };
    }
  } finally {
    signal?.removeEventListener('abort', abort);
    // The unit uses what its caller closes afterwards.
    await computing;
    await within(
      worker.close().then(() => running),
      PARTING,
    );
  }
};

/** Progress of a unit, for this process and, now and then, for those who look at the queue. */
const progressOf = (job: Job, onProgress: LongTaskOptions['onProgress']) => {
  let last = 0;
  return (event: ProgressEvent): void => {
    onProgress?.(event);
    if (Date.now() - last < REPORTS) return;
    last = Date.now();
    const { phase, done, total } = event;
    job.updateProgress({ phase, done, total }).catch(() => {});
  };
};

/** Waits for work, which goes on when the time is over; its error is nobody's. */
const within = (work: Promise<unknown>, milliseconds: number): Promise<unknown> =>
  Promise.race([work.catch(() => {}), pause(milliseconds)]);

export const pause = (milliseconds: number): Promise<undefined> =>
  new Promise((resolve) => {
    setTimeout(() => resolve(undefined), milliseconds);
  });
