import type { LongTaskOptions } from '@ntk-lens/core';

/** The same options, with progress that says what it belongs to; without a name as they are. */
export const named = (
  name: string | undefined,
  { signal, onProgress }: LongTaskOptions,
): LongTaskOptions => ({
  signal,
  onProgress:
    onProgress && name !== undefined
      ? (event) => onProgress({ ...event, phase: `${name} ${event.phase}` })
      : onProgress,
});
