import { throwIfCancelled } from '@ntk-lens/core';

const ENOUGH_SECONDS = 0.3;
const MOST_REPETITIONS = 8;

/**
 * Seconds of the fastest of a few calls: other work on the machine only makes them slower.
 *
 * @param repetitions at most. Default: 8
 * @throws CancelledError
 */
export const bestOf = async (
  work: () => Promise<unknown>,
  signal: AbortSignal | undefined,
  repetitions = MOST_REPETITIONS,
): Promise<number> => {
  let best = Number.POSITIVE_INFINITY;
  let spent = 0;
  for (let i = 0; i < repetitions && (i < 2 || spent < ENOUGH_SECONDS); i++) {
    throwIfCancelled(signal, 'Measuring runtimes');
    const start = performance.now();
    await work();
    const seconds = (performance.now() - start) / 1000;
    best = Math.min(best, seconds);
    // The first run compiles.
    if (i > 0) spent += seconds;
  }
  return best;
};
