import { defineProgram, mapAhead, type tf } from '@ntk-lens/engine';
import type { MatrixFactors } from '../factors/stage-factors.js';
import { applyMap, noFactors, type Orientation, orientations, productOf } from '../formulas/mapped-gram.js';
import type { ProgramMaps } from '../formulas/program-maps.js';
import { besideEachOther, gradientsOf } from './group-batches.js';
import { joinFactors } from './join-programs.js';
import type { MatrixContraction } from './matrix-contraction.js';
import {
  type FactorShape,
  type Factors,
  factorSpecs,
  factorsOf,
  type MatrixSize,
  shapeOfFactors,
} from './matrix-shapes.js';
import { bothSides, mapSidesInOrder, pairs, type Sides } from './pairs.js';
import type { TileKernels } from './tile-kernels.js';
import { joined } from './total.js';

/** Maps that go through factors have no factors of their own. */
interface RankOneSettings {
  readonly maps: ProgramMaps;
  readonly left: FactorShape;
  readonly right: FactorShape;
  readonly size: MatrixSize;
}

/**
 * Kernel panel `[C·n, C·m]` of two batches with one token per example, whose gradients have rank one: (a·a')(b·b'), with
 * the factors mapped, since M(b aᵀ) = M(b) M(a)ᵀ.
 */
const rankOneGram = defineProgram('rank-one gram', {
  inputs: ({ left, right, size }: RankOneSettings) => ({
    x: factorSpecs(left, size),
    y: factorSpecs(right, size),
  }),
  build: ({ x, y }, { maps }) => {
    const { kernel, flipped } = orientations(maps, noFactors);
    return { kernel: factorGram(x, y, kernel), flipped: flipped && factorGram(x, y, flipped) };
  },
});

const factorGram = (
  left: Factors<tf.Tensor>,
  right: Factors<tf.Tensor>,
  { rows, columns }: Orientation,
): tf.Tensor => {
  const tokens = (x: tf.Tensor) => x.reshape([x.shape[0]!, x.shape[2]!]);
  const x = (t: tf.Tensor) => tokens(applyMap(rows, t));
  const y = (t: tf.Tensor) => tokens(applyMap(columns, t));
  const [c0, n0, c1, n1] = [left.b.length, left.a.shape[0]!, right.b.length, right.a.shape[0]!];
  const activations = productOf(x(left.a), y(right.a)).reshape([1, n0, 1, n1]);
  const cotangents = productOf(joined(left.b.map(x)), joined(right.b.map(y))).reshape([c0, n0, c1, n1]);
  return cotangents.mul(activations).reshape([c0 * n0, c1 * n1]);
};

/** Adds a matrix's contribution to the kernels through outer products: every example has one token. */
export const contractRankOne = async (c: MatrixContraction, into: TileKernels): Promise<void> => {
  const { runtime, size } = c;
  const sides = await joinBatches(c);
  await mapAhead(pairs(sides, into.wanted), async (pair) => {
    const { x, y } = pair;
    const settings = { maps: into.maps, left: shapeOfFactors(x), right: shapeOfFactors(y), size };
    const { kernel, flipped } = await rankOneGram(settings).compute(runtime, {
      x: factorsOf(x),
      y: factorsOf(y),
    });
    into.add(pair, { kernel: kernel.data, flipped: flipped?.data });
  });
  const own = new Set(bothSides<MatrixFactors>(c));
  runtime.release(
    bothSides(sides)
      .filter((batch) => !own.has(batch))
      .flatMap(({ a, b }) => [a, ...b]),
  );
};

/** The factors of batches side by side; one that is alone stays as it is. */
const joinBatches = ({ runtime, size, rows, columns }: MatrixContraction): Promise<Sides<MatrixFactors>> => {
  const chunksOf = (batches: readonly MatrixFactors[]) =>
    besideEachOther(batches, (batch) => gradientsOf([batch]));
  return mapSidesInOrder(
    { rows: chunksOf(rows), columns: chunksOf(columns) },
    async (chunk): Promise<MatrixFactors> => {
      const [first, ...more] = chunk as [MatrixFactors, ...MatrixFactors[]];
      if (more.length === 0) return first;
      const program = joinFactors({ parts: chunk.map(shapeOfFactors), size, axis: 0 });
      const { a, b } = await program.run(runtime, { parts: chunk.map(factorsOf) });
      const { outputs, length } = first;
      return { indices: chunk.flatMap(({ indices }) => indices), outputs, length, n: a.shape[0] ?? 0, a, b };
    },
  );
};
