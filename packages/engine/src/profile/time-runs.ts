import { throwIfCancelled } from '@ntk-lens/core';

/** Calls that are counted at least: one that other work holds up decides nothing. */
const LEAST = 3;

/** Seconds of a few calls; the first one, which compiles, is left out where there are others. */
const timesOf = async (
  work: () => Promise<unknown>,
  signal: AbortSignal | undefined,
  { enough, most }: { readonly enough: number; readonly most: number },
): Promise<readonly number[]> => {
  const times: number[] = [];
  let spent = 0;
  for (let i = 0; i < most && (i <= LEAST || spent < enough); i++) {
    throwIfCancelled(signal, 'Measuring runtimes');
    const start = performance.now();
    await work();
    times.push((performance.now() - start) / 1000);
    if (i > 0) spent += times.at(-1)!;
  }
  return times.length > 1 ? times.slice(1) : times;
};

/**
 * Seconds of the fastest of a few calls: other work on the machine only makes them slower.
 *
 * @throws CancelledError
 */
export const bestOf = async (
  work: () => Promise<unknown>,
  signal: AbortSignal | undefined,
): Promise<number> => Math.min(...(await timesOf(work, signal, { enough: 0.3, most: 8 })));

/**
 * Seconds that a call usually takes, the median of those within a second.
 *
 * @throws CancelledError
 */
export const usualOf = async (
  work: () => Promise<unknown>,
  signal: AbortSignal | undefined,
  most = 32,
): Promise<number> => {
  const times = [...(await timesOf(work, signal, { enough: 1, most }))].sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)]!;
};
