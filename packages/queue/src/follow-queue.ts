import { CancelledError, type LongTaskOptions, throwIfCancelled } from '@ntk-lens/core';
import { type OnConnection, withRedis } from './connect.js';
import { type Filled, fillQueue, openJobs, openQueue } from './fill-queue.js';
import type { QueuedUnits } from './queued-units.js';
import type { RedisAddress } from './redis-address.js';

/** Milliseconds between two looks at a queue. */
const INTERVAL = 1000;

export interface EnqueueOptions extends LongTaskOptions {
  /** Try units again that failed too often. Default: false. */
  readonly retry?: boolean;
  /** Wait until all units are finished or failed, and report it as progress. Default: false. */
  readonly follow?: boolean;
  readonly onConnection?: OnConnection;
}

/**
 * Puts the units that are not finished into a queue on Redis, as references: the hash of the manifest and a number.
 *
 * @returns the states of all units
 * @throws RedisAddressError, RedisUnreachableError; CancelledError
 */
export const enqueueUnits = (
  units: QueuedUnits,
  address: RedisAddress,
  { retry, follow = false, signal, onProgress, onConnection }: EnqueueOptions = {},
): Promise<Filled> =>
  withRedis(address, onConnection, async (client) => {
    const queue = openQueue(client, units);
    const total = units.names.length;
    let filled = await fillQueue(queue, units, { retry });
    while (follow && filled.left.length > 0) {
      throwIfCancelled(signal, 'Waiting for the units');
      await untilLooked(signal);
      const [open, active] = await orCancelled(Promise.all([openJobs(queue), queue.getActive()]), signal);
      const running = active.map(({ id, progress }) => `${id} ${percent(progress)}`).join(', ');
      onProgress?.({ phase: 'units', done: total - open, total, unit: 'units', detail: running });
      // A queue in which nothing is left has all units behind it, or it was lost.
      if (open === 0) filled = await orCancelled(fillQueue(queue, units), signal);
    }
    return filled;
  });

const percent = (progress: unknown): string => {
  const { done, total } = (progress ?? {}) as { readonly done?: unknown; readonly total?: unknown };
  return typeof done === 'number' && typeof total === 'number' && total > 0
    ? `${Math.floor((100 * done) / total)} %`
    : '…';
};

const untilLooked = (signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, INTERVAL);
    signal?.addEventListener('abort', done, { once: true });
  });

/** A Redis that is away does not answer until it is back, and nobody has to wait for it. */
const orCancelled = <T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> =>
  new Promise((resolve, reject) => {
    const cancel = (): void => reject(new CancelledError('Waiting for the units'));
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    work.then(resolve, reject).finally(() => signal?.removeEventListener('abort', cancel));
  });
