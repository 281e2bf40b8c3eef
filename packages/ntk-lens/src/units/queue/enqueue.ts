import type { LongTaskOptions } from '@ntk-lens/core';
import type { QueuedUnits } from '@ntk-lens/queue';
import { UnitsFailedError } from '../errors.js';
import { readUnits } from '../manifest.js';
import { forgetFailures } from '../marks.js';
import { apartNotes } from '../tables.js';
import { loadQueue } from './load-queue.js';
import { addressOf, connectionTeller, type QueuePlace } from './queue-place.js';
import { queuedUnits } from './queued-units.js';
import { openStore, publishUnits, type StoreOptions } from './store.js';

export interface EnqueueOptions extends LongTaskOptions, QueuePlace, StoreOptions {
  /** Wait until all units are finished or failed. Default: false. */
  readonly follow?: boolean;
  /** Try units again that failed too often. Default: false. */
  readonly retry?: boolean;
  /** Tells people something at once. */
  readonly say?: (text: string) => void;
}

/** Units that were put into a queue. */
export interface Enqueued {
  readonly format: 'ntk-lens-enqueued';
  readonly version: 1;
  readonly directory: string;
  /** Numbers of units that are finished, and of those that are in the queue. */
  readonly done: readonly number[];
  readonly left: readonly number[];
  /** Notes on the work that is done again with a store, where that is more than in a common directory. */
  readonly notes: readonly string[];
}

/**
 * Puts the units of a directory that are not finished into a queue on Redis. Those that are in it stay, so it can be done again.
 *
 * @throws MissingPackageError; NoUnitsError, DamagedUnitsError; RedisAddressError, RedisUnreachableError; UnitsFailedError, which names
 *   units that are not tried again
 */
export const enqueue = async (directory: string, options: EnqueueOptions): Promise<Enqueued> => {
  const { follow, retry, signal, onProgress, say } = options;
  const queue = await loadQueue();
  const units = await readUnits(directory);
  const address = await addressOf(options);
  await queue.checkRedis(address);
  const store = await openStore(options);
  if (store) await publishUnits(directory, store);
  if (retry) await forgetFailures(directory, [...units.units.keys()]);
  const own = await queuedUnits(directory, units);
  const stored: QueuedUnits = store
    ? {
        ...{ ...own, place: store.place, failures: async () => new Map() },
        isDone: (unit, whole) => store.isDone(own.manifest, unit, whole),
      }
    : own;
  const { done, left, failed } = await queue.enqueueUnits(stored, address, {
    ...{ follow, retry, signal, onProgress },
    onConnection: connectionTeller(say),
  });
  if (failed.length > 0) throw new UnitsFailedError(failed);
  const notes = store ? apartNotes(units.units, units.workers) : [];
  return { format: 'ntk-lens-enqueued', version: 1, directory, done, left, notes };
};
