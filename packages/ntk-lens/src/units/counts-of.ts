import type { CellWork } from '../reproduce/cells/cell-work.js';
import type { Unit } from './manifest.js';

/** Counts of a unit that shares nothing with others; none where its work is not counted. */
export const countsOf = (
  work: CellWork | undefined,
): Pick<Unit, 'flops' | 'repeatedFlops' | 'bytes' | 'peakBytes'> =>
  work
    ? {
        flops: Math.round(work.flops),
        repeatedFlops: 0,
        bytes: Math.round(work.bytes),
        peakBytes: Math.round(work.peakBytes),
      }
    : {};
