import { isError } from '@ntk-lens/core';
import { DivergedError } from '@ntk-lens/subspace';

/** The result of work whose training diverged at every point of its grid, as it would again. */
export interface Diverged {
  readonly diverged: string;
}

/** The result of a cell, or why its training gave none. */
export const unlessDiverged = async <R>(work: () => Promise<R>): Promise<R | Diverged> => {
  try {
    return await work();
  } catch (error) {
    if (!isError(error, DivergedError)) throw error;
    return { diverged: error.reason };
  }
};

/** The reason for which the result of a cell lacks something; undefined where it is whole. */
export const divergedOf = (result: unknown): string | undefined =>
  typeof result === 'object' && result !== null && 'diverged' in result
    ? (result.diverged as string | undefined)
    : undefined;
