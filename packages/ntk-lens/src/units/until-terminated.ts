/**
 * Does work with a signal that SIGTERM fires, too, so that it stops at its next safe point; a second SIGTERM ends the process.
 *
 * @param onSignal called when SIGTERM comes
 */
export const untilTerminated = async <T>(
  signal: AbortSignal | undefined,
  onSignal: () => void,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const controller = new AbortController();
  const stop = (): void => {
    onSignal();
    controller.abort();
    // Others that listen to the same signal still see that it is taken care of.
    setImmediate(() => process.off('SIGTERM', stop));
  };
  process.on('SIGTERM', stop);
  try {
    return await work(AbortSignal.any([controller.signal, ...(signal ? [signal] : [])]));
  } finally {
    process.off('SIGTERM', stop);
  }
};
