import type { TextStream } from './context.js';

/** The sources of an early stop of the program. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Fires the signal. */
  readonly stop: () => void;
  /** From now on Ctrl-C stops work at its next safe point; `false`: it ends the process. */
  readonly listen: (on: boolean) => void;
}

/**
 * Ctrl-C ends the process at once, as any other signal does, because a program that is busy would not come to
 * see it. Finished work is kept, however the process dies. Only where work is going on that reports how far
 * it is, and looks at `signal`, the first one stops it at its next safe point, and the second ends the
 * process.
 */
export const interruptible = (stderr: TextStream): Interruption => {
  const controller = new AbortController();
  const onSignal = (): void => {
    process.off('SIGINT', onSignal);
    stderr.write('\nStopping at the next safe point; press Ctrl-C again to stop at once.\n');
    controller.abort();
  };
  return {
    signal: controller.signal,
    stop: () => controller.abort(),
    listen: (on) => {
      process.off('SIGINT', onSignal);
      if (on && !controller.signal.aborted) process.on('SIGINT', onSignal);
    },
  };
};
