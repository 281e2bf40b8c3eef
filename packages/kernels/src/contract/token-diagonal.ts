import { defineProgram, mapAhead, tf } from '@ntk-lens/engine';
import { applyMap, noFactors, orientations } from '../formulas/mapped-gram.js';
import type { ProgramMaps } from '../formulas/program-maps.js';
import type { MatrixContraction } from './matrix-contraction.js';
import {
  type FactorShape,
  factorSpecs,
  factorsOf,
  type MatrixSize,
  shapeOfFactors,
} from './matrix-shapes.js';
import type { TileKernels } from './tile-kernels.js';
import { joined } from './total.js';

interface DiagonalSettings {
  readonly maps: ProgramMaps;
  readonly shape: FactorShape;
  readonly size: MatrixSize;
}

/** K(ξ, ξ) of the examples of a batch from their factors, `[C·n]`: Σ_{t,t'} (a_t·a_t') (b_t·b_t') over one's own tokens. */
const tokenDiagonal = defineProgram('token diagonal', {
  inputs: ({ shape, size }: DiagonalSettings) => factorSpecs(shape, size),
  build: ({ a, b }, { maps }) => {
    const { rows, columns } = orientations(maps, noFactors).kernel;
    const own = (x: tf.Tensor) => tf.matMul(applyMap(rows, x), applyMap(columns, x), false, true);
    const activations = own(a);
    return { squares: joined(b.map((one) => own(one).mul(activations).sum([1, 2]))) };
  },
});

/** Adds a matrix's part of K(ξ, ξ) of every column; for maps that go through factors. */
export const addTokenDiagonals = async (
  { runtime, size, columns }: MatrixContraction,
  into: TileKernels,
): Promise<void> => {
  await mapAhead(columns, async (y) => {
    const program = tokenDiagonal({ maps: into.maps, shape: shapeOfFactors(y), size });
    const { squares } = await program.compute(runtime, factorsOf(y));
    into.addDiagonal(y, squares.data);
  });
};
