import type { LongTaskOptions, OnProgress, ProgressEvent } from '@ntk-lens/core';

/** Options of a product inside of longer work: its progress is a detail of the work's. */
export const nested = (
  { signal, onProgress }: LongTaskOptions,
  outer: Omit<ProgressEvent, 'detail'>,
): { readonly signal?: AbortSignal; readonly onProgress?: OnProgress } => ({
  signal,
  onProgress:
    onProgress &&
    (({ phase, done, total, detail }) => {
      const part = total === undefined ? phase : `${phase} ${done}/${total}`;
      onProgress({ ...outer, detail: detail === undefined ? part : `${part}, ${detail}` });
    }),
});
