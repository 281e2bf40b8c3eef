import { UnitsFailedError } from '../errors.js';
import { forgetFailures, removeGone } from '../marks.js';
import { type OpenUnitsOptions, withUnits } from '../open-units.js';
import { attemptUnit, isOfTheWorker, type Worked } from '../run-worker.js';
import { connectionTeller } from './enqueue.js';
import { loadQueue } from './load-queue.js';
import { addressOf, type QueuePlace } from './queue-place.js';
import { queuedUnits } from './queued-units.js';

export interface QueueWorkerOptions extends OpenUnitsOptions, QueuePlace {
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
 * Computes units of a directory that a queue on Redis hands out, until all of them are finished.
 *
 * @throws MissingPackageError; RedisAddressError, RedisUnreachableError before any work; what `runWorker` throws
 */
export const runQueueWorker = async (directory: string, options: QueueWorkerOptions): Promise<Worked> => {
  const { lease, retry, signal, onProgress, onUnit, say } = options;
  const queue = await loadQueue();
  const address = await addressOf(options);
  await queue.checkRedis(address);
  return withUnits(directory, options, async (work, { units }) => {
    await removeGone(directory);
    if (retry) await forgetFailures(directory, [...units.units.keys()]);
    const known = await queuedUnits(directory, units);
    const done = await queue.workOnQueue(
      {
        ...known,
        isDone: (unit, whole) => (whole ? work.isDone(units.units[unit]!) : known.isDone(unit, false)),
        compute: async (unit, long) => {
          try {
            return await attemptUnit(work, directory, unit, units.units[unit]!, long);
          } catch (error) {
            if (isOfTheWorker(error)) throw error;
            // Others read it in Redis.
            throw new Error(
              String(error instanceof Error ? error.message : error).replaceAll(directory, '.'),
            );
          }
        },
        isOfTheWorker,
      },
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
};
