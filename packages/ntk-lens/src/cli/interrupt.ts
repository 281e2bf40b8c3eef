import type { TextStream } from './context.js';

/** What stops the program before its end. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Fires the signal. */
  readonly stop: () => void;
  /** Stops listening. */
  readonly dispose: () => void;
}

/**
 * First Ctrl-C: the signal fires, work stops at its next safe point and what is finished is kept. Second: the
 * process ends at once, killed by the signal as if nobody listened; `process.exit` would wait for the native library,
 * which aborts when its thread is gone.
 */
export const listenForInterrupt = (stderr: TextStream): Interruption => {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      dispose();
      process.kill(process.pid, name);
      return;
    }
    stderr.write('\nStopping at the next safe point; press Ctrl-C again to stop at once.\n');
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  const dispose = (): void => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
  return { signal: controller.signal, stop: () => controller.abort(), dispose };
};
