import type { TextStream } from './context.js';

/**
 * SIGTERM ends the process at once, also while long work goes on. Then the process says first that nothing is lost; work that listens to
 * SIGTERM itself, to stop at its next safe point, is left to it.
 *
 * @returns from now on long work goes on; `false`: it does not
 */
export const terminable = (stderr: TextStream): ((on: boolean) => void) => {
  const onSignal = (): void => {
    if (process.listenerCount('SIGTERM') > 1) return;
    stderr.write('\nStopped by SIGTERM. Finished parts are kept; run again to resume.\n');
    // A loader that listens, too, would end the process from inside, while ONNX Runtime computes on its thread and cannot stop.
    process.removeAllListeners('SIGTERM');
    process.kill(process.pid, 'SIGTERM');
  };
  return (on) => {
    process.off('SIGTERM', onSignal);
    if (on) process.on('SIGTERM', onSignal);
  };
};
