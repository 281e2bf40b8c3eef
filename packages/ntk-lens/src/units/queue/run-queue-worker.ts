import { isNtkLensError } from '@ntk-lens/core';
import type { RedisAddress, WorkableUnits } from '@ntk-lens/queue';
import type { UnitStore } from '@ntk-lens/queue/s3';
import { UnitsFailedError } from '../errors.js';
import { forgetFailures, removeGone } from '../marks.js';
import { type OpenUnitsOptions, withUnits } from '../open-units.js';
import { attemptUnit, isOfTheWorker, type Worked } from '../run-worker.js';
import { untilTerminated } from '../until-terminated.js';
import { loadQueue } from './load-queue.js';
import { addressOf, connectionTeller, type QueuePlace } from './queue-place.js';
import { queuedUnits } from './queued-units.js';
import { openStore, type StoreOptions, storedUnits, withStoredPlan } from './store.js';

export interface QueueWorkerOptions extends OpenUnitsOptions, QueuePlace, StoreOptions {
  /** Seconds that a worker may be silent before another one takes its unit. Default: 60. */
  readonly lease?: number;
  /** Try units again that failed too often. Default: false. */
  readonly retry?: boolean;
  /** Called when units of any worker are finished. */
  readonly onUnit?: (done: number, total: number) => void;
  /** Tells people something at once. */
  readonly say?: (text: string) => void;
}

/**
 * Computes units of a directory that a queue on Redis hands out, until all of them are finished. With a store, its units are
 * computed, and the directory is a place for this machine's work alone. SIGTERM and the signal give the unit at hand back to the
 * queue at once, and the function rejects with CancelledError at its next safe point.
 *
 * @throws MissingPackageError; RedisAddressError, RedisUnreachableError before any work; what `runWorker` and the store throw
 */
export const runQueueWorker = async (directory: string, options: QueueWorkerOptions): Promise<Worked> => {
  const queue = await loadQueue();
  const address = await addressOf(options);
  await queue.checkRedis(address);
  const store = await openStore(options);
  const onTerm = (): void =>
    options.say?.('Stopping at the next safe point. The unit at hand goes back into the queue.');
  return untilTerminated(options.signal, onTerm, async (signal) => {
    const run = (folder: string): Promise<Worked> =>
      workIn(folder, { ...options, signal }, queue, address, store);
    return store ? { ...(await withStoredPlan(directory, store, run)), directory } : run(directory);
  });
};

const workIn = (
  directory: string,
  options: QueueWorkerOptions,
  queue: typeof import('@ntk-lens/queue'),
  address: RedisAddress,
  store: UnitStore | undefined,
): Promise<Worked> =>
  withUnits(directory, options, async (work, { units }) => {
    const { lease, retry, signal, onProgress, onUnit, say } = options;
    await removeGone(directory);
    if (retry) await forgetFailures(directory, [...units.units.keys()]);
    const known = await queuedUnits(directory, units);
    const own: WorkableUnits = {
      ...known,
      isDone: (unit, whole) => (whole ? work.isDone(units.units[unit]!) : known.isDone(unit, false)),
      compute: (unit, long) =>
        withoutPath(directory, attemptUnit(work, directory, unit, units.units[unit]!, long)),
      isOfTheWorker: (error) =>
        isOfTheWorker(error) || (isNtkLensError(error) && error.code === 'STORE_FAILED'),
    };
    const done = await queue.workOnQueue(
      store ? { ...own, ...storedUnits(own, directory, store) } : own,
      address,
      {
        ...{ lease, retry, signal, onProgress, onUnit, onConnection: connectionTeller(say) },
        onRefused: ({ message }) => say?.(message),
      },
    );
    if (done.failed.length > 0) throw new UnitsFailedError(done.failed);
    const names = (numbers: readonly number[]) => numbers.map((unit) => known.names[unit]!);
    return {
      ...{ format: 'ntk-lens-worked', version: 1, directory, computed: names(done.computed) },
      ...{ known: names(done.known), elsewhere: [] },
    };
  });

/** The error of a unit as others may read it in Redis: without the place of a directory. */
const withoutPath = async <T>(directory: string, work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    if (isOfTheWorker(error)) throw error;
    throw new Error(String(error instanceof Error ? error.message : error).replaceAll(directory, '.'));
  }
};
