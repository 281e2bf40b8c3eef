import { defineProgram, mapAhead, type TensorSpec, tf } from '@ntk-lens/engine';
import { applyMap, noFactors, type Orientation, orientations, productOf } from '../formulas/mapped-gram.js';
import type { ProgramMaps } from '../formulas/program-maps.js';
import type { MatrixContraction } from './matrix-contraction.js';
import { asOne, type GroupSizes, groupSizes, type MatrixGroup } from './matrix-group.js';
import { float } from './matrix-shapes.js';
import {
  type Packed,
  type PackedFactors,
  type PackedShape,
  packPanels,
  panelsOf,
  releasePanels,
  sharedBatches,
} from './pack-tokens.js';
import { type Pair, pairs } from './pairs.js';
import type { TileKernels } from './tile-kernels.js';
import { columnTokens, rowTokens } from './token-panels.js';
import { total } from './total.js';

interface PackedGramSettings {
  readonly maps: ProgramMaps;
  readonly left: PackedShape;
  readonly right: PackedShape;
  readonly sizes: GroupSizes;
}

const packedSpecs = (p: PackedShape, sizes: GroupSizes): PackedFactors<TensorSpec> => ({
  a: float([p.length, asOne(sizes).inSize]),
  b: sizes.outSizes.map((size) => float([p.outputs, p.length, size])),
  owner: float([p.room, p.length]),
});

/**
 * Kernel of the examples of two panels through the Grams of their factors, without forming gradients:
 * Σ_{t,t'} (Σ_a a_t·a'_t') (Σ_b b_t·b'_t') over the tokens of every two examples (docs/theory.md, Sums and rank one).
 * A product with `owner` sums over each example's tokens. Panels `[C·room, C·room']`.
 */
const packedGram = defineProgram('packed gram', {
  inputs: ({ left, right, sizes }: PackedGramSettings) => ({
    x: packedSpecs(left, sizes),
    y: packedSpecs(right, sizes),
  }),
  build: ({ x, y }, { maps, left, right }) => {
    const rowsOf = (b: tf.Tensor) => b.reshape([b.shape[0]! * b.shape[1]!, b.shape[2]!]);
    const gram = ({ rows, columns }: Orientation) => {
      const product = (p: tf.Tensor, q: tf.Tensor) => productOf(applyMap(rows, p), applyMap(columns, q));
      const activations = product(x.a, y.a);
      const cotangents = total(x.b.map((b, matrix) => product(rowsOf(b), rowsOf(y.b[matrix]!))));
      const products = cotangents
        .reshape([left.outputs, left.length, right.outputs, right.length])
        .mul(activations.reshape([1, left.length, 1, right.length]))
        .reshape([left.outputs, left.length, right.outputs * right.length]);
      const owners = tf.tile(x.owner.expandDims(0), [left.outputs, 1, 1]);
      const perExample = tf
        .matMul(owners, products)
        .reshape([left.outputs * left.room * right.outputs, right.length]);
      const k = productOf(perExample, y.owner);
      return k.reshape([left.outputs * left.room, right.outputs * right.room]);
    };
    const { kernel, flipped } = orientations(maps, noFactors);
    return { kernel: gram(kernel), flipped: flipped && gram(flipped) };
  },
});

/**
 * Adds the contribution of a group of matrices to the kernels, through Grams of tokens, for maps that commute with sums and
 * keep rank one (docs/theory.md, Sums and rank one). Tokens of different examples are put side by
 * side first: the cost grows with the product of two lengths, and so would that of padding.
 */
export const contractTokens = async (
  { shares, members }: MatrixGroup<MatrixContraction>,
  into: TileKernels,
): Promise<void> => {
  const { runtime } = members[0];
  const sizes = groupSizes(
    shares,
    members.map(({ size }) => size),
  );
  const side = (name: 'rows' | 'columns', most: (outputs: number) => number) =>
    panelsOf(
      sharedBatches(
        shares,
        members.map((matrix) => matrix[name]),
      ),
      most,
    );
  const add = async (pair: Pair<Packed>) => {
    const { x, y } = pair;
    const program = packedGram({ maps: into.maps, left: shapeOf(x), right: shapeOf(y), sizes });
    const { kernel, flipped } = await program.compute(runtime, { x: x.factors, y: y.factors });
    into.add(pair, { kernel: kernel.data, flipped: flipped?.data });
  };
  const rows: Packed[] = [];
  for (const group of side('rows', rowTokens)) rows.push(...(await packPanels(runtime, sizes, group)));
  await mapAhead(pairs({ rows, columns: [] }, into.wanted), add);
  // Panels of columns are there one after another: the memory of one serves for the next.
  await mapAhead(side('columns', columnTokens), async (group) => {
    const columns = await packPanels(runtime, sizes, group);
    await mapAhead(pairs({ rows, columns }, { ...into.wanted, self: false }), add);
    releasePanels(runtime, columns);
  });
  releasePanels(runtime, rows);
};

const shapeOf = ({ outputs, length, room }: PackedShape): PackedShape => ({ outputs, length, room });
