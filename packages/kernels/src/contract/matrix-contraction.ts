import type { Resident, Runtime } from '@ntk-lens/engine';
import type { MatrixFactors } from '../factors/stage-factors.js';
import type { MapFactors } from '../formulas/mapped-gram.js';
import type { MatrixSize } from './matrix-shapes.js';
import type { Sides } from './pairs.js';

/** Factors of one matrix gradient of all batches of a tile. */
export interface MatrixContraction extends Sides<MatrixFactors> {
  readonly runtime: Runtime;
  readonly size: MatrixSize;
  /** Factors of the formula's maps, in the shape in which the matrix is used: `[out, in]`, or `[in, out]`. */
  readonly factors: MapFactors<Resident>;
  readonly inFirst: boolean;
}
