import { isNtkLensError } from '@ntk-lens/core';

/** Exit codes of the program (docs/architecture.md, The program). */
export const exitCodes = { done: 0, failure: 1, input: 2, cancelled: 130, closed: 141 } as const;

/** The exit code that an error ends the program with. */
export const exitCodeOf = (error: unknown, signal: AbortSignal): number => {
  if (isNtkLensError(error)) return exitCodes[error.kind];
  const aborted = error instanceof Error && error.name === 'AbortError' && signal.aborted;
  return aborted ? exitCodes.cancelled : exitCodes.failure;
};
