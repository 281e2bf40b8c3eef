import { MissingPackageError } from './errors.js';

/**
 * The package with the queue, which nobody has who works on one machine.
 *
 * @throws MissingPackageError
 */
export const loadQueue = async (): Promise<typeof import('@ntk-lens/queue')> => {
  try {
    return await import('@ntk-lens/queue');
  } catch (cause) {
    throw isMissing(cause)
      ? new MissingPackageError('@ntk-lens/queue', 'A queue on Redis', { cause })
      : cause;
  }
};

/** True for the error of an import of a package that is not there. */
export const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
