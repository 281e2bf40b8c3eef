import { type LongTaskOptions, throwIfCancelled } from '@ntk-lens/core';

const interval = 50;

/**
 * Makes a function that lets the event loop run when {@link interval} ms have passed since it last did, so that
 * progress and cancellation live during long synchronous arithmetic.
 */
export const makePause = (
  options: LongTaskOptions,
  what: string,
): ((done?: number, total?: number, unit?: string) => Promise<void>) => {
  let last = performance.now();
  return async (done, total, unit) => {
    if (performance.now() - last < interval) return;
    if (done !== undefined) {
      options.onProgress?.({ phase: what, done, total, unit });
    }
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    throwIfCancelled(options.signal, what);
    last = performance.now();
  };
};
export type Pause = ReturnType<typeof makePause>;
