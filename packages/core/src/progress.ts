import { CancelledError } from './errors.js';

/** One report of long work. `done` and `total` count `unit`s of `phase`; `total` is absent when unknown. */
export interface ProgressEvent {
  readonly phase: string;
  readonly done: number;
  readonly total?: number;
  readonly unit?: string;
  readonly detail?: string;
}

export type OnProgress = (event: ProgressEvent) => void;

/** Options that every long function of NTK Lens takes. */
export interface LongTaskOptions {
  /** Stops the work at the next safe point; the function rejects with {@link CancelledError}. */
  readonly signal?: AbortSignal;
  /** Called between units of work, on the caller's thread. */
  readonly onProgress?: OnProgress;
}

/** Throws {@link CancelledError} if the signal has fired; `what` names the work in the message. */
export const throwIfCancelled = (signal: AbortSignal | undefined, what: string): void => {
  if (signal?.aborted) throw new CancelledError(what);
};
