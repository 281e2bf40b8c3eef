import type { TextStream } from './context.js';
import { exitCodes } from './exit-code.js';

/**
 * First Ctrl-C: the signal fires, work stops at its next safe point and what is finished is kept. Second: the
 * process ends at once.
 */
export const interruptSignal = (stderr: TextStream): { signal: AbortSignal; dispose: () => void } => {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(exitCodes.cancelled);
    stderr.write('\nStopping at the next safe point; press Ctrl-C again to stop at once.\n');
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  const dispose = (): void => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
  return { signal: controller.signal, dispose };
};
