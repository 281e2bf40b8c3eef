import { CancelledError } from '../errors.js';

/** The time for which a server is waited for, and the number of tries. */
export interface Patience {
  readonly signal?: AbortSignal;
  /** Milliseconds without a header or a byte after which a connection counts as stalled. */
  readonly stallTimeout: number;
  /** Bytes a second, over `stallTimeout`, below which a connection counts as stalled. */
  readonly leastRate: number;
  /** Tries of one request; also tries of one transfer without progress. */
  readonly attempts: number;
  /** Milliseconds before the second try; doubled for each further one. */
  readonly backoff: number;
}

/** No byte came for a time, or too few. */
export class StalledError extends Error {
  constructor(milliseconds: number, leastRate?: number) {
    const seconds = milliseconds / 1000;
    super(
      leastRate === undefined
        ? `no answer for ${seconds} s`
        : `less than ${leastRate} bytes a second for ${seconds} s`,
    );
  }
}

/** A network error in words. */
export const failureOf = (error: unknown): string => {
  if (error instanceof StalledError) return error.message;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return `the connection failed (${cause instanceof Error ? cause.message || cause.name : String(cause)})`;
};

/** Waits, or throws `CancelledError` when the signal fires. */
export const pause = (milliseconds: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(new CancelledError('The download'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });

/** Work with a signal that fires after a time, or with the caller's. Meant for headers: a body's reader has its own. */
export const withinTime = async <T>(
  milliseconds: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new StalledError(milliseconds)), milliseconds);
  try {
    return await work(signal ? AbortSignal.any([signal, limit.signal]) : limit.signal);
  } finally {
    clearTimeout(timer);
  }
};
