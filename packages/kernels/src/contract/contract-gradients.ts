import { ndarray } from '@ntk-lens/core';
import { mapAhead, type Resident, type Runtime } from '@ntk-lens/engine';
import type { MatrixFactors } from '../factors/stage-factors.js';
import { productBytes } from '../formulas/formula.js';
import { joinRight, leftOf } from './form-gradients.js';
import { type GramPanel, type GramRun, gradientGram, gramPanels, runSize } from './gradient-gram.js';
import { chunkBatches, type GradientSet, gradientSets, gradientsOf } from './group-batches.js';
import type { PanelAxis } from './kernel-accumulator.js';
import type { MatrixContraction } from './matrix-contraction.js';
import { factorsOf, shapeOfFactors } from './matrix-shapes.js';
import { pairs } from './pairs.js';
import { cutSide, RUN_GRADIENTS, type RunSize, type Slicing, sliceMatrix } from './slicing.js';
import type { TileKernels } from './tile-kernels.js';

type FactorSet = GradientSet<MatrixFactors>;

/** Rows against columns, in one run per slice. */
interface Run extends GramRun<MatrixFactors> {
  /** Target of rows against columns; `self` if the columns are other rows. */
  readonly target: 'cross' | 'self';
}

const count = (sets: FactorSet | readonly FactorSet[]): number =>
  gradientsOf(sets.flat(2) as MatrixFactors[]);

/** Adds one matrix's contribution to the kernels by forming its gradients, piece by piece. */
export const contractGradients = async (c: MatrixContraction, into: TileKernels): Promise<void> => {
  const { runtime } = c;
  const { rows: sets, columns } = gradientSets<MatrixFactors>(c, productBytes(into.maps));
  const runs = runsOf(chunkBatches(sets, RUN_GRADIENTS, count), columns, into);
  const sizes = runs.map(runSize);
  const most = (of: (size: RunSize) => number) => Math.max(...sizes.map(of));
  const slice = sliceMatrix(c.size, {
    outputs: most((size) => size.outputs),
    gradients: most((size) => size.gradients),
    tokens: most((size) => size.tokens),
  });
  const slices = cutSide(slice) / slice.rows;
  const made: Resident[] = [];
  const rights: Rights = new Map();
  for (const group of [...sets, ...columns].flat())
    rights.set(group, await rightOf(runtime, group, slice, made));
  const parts = Array.from({ length: slices }, (_, i) => i).flatMap((i) => runs.map((run) => ({ i, run })));
  await mapAhead(parts, async ({ i, run }) => {
    const number = slices === 1 ? undefined : await runtime.upload(ndarray<'int32'>(Int32Array.of(i), [1]));
    await contractRun(c, run, slice, number, rights, into);
    if (number) runtime.release([number]);
  });
  runtime.release(made);
};

/** The factor of each group that is not cut. */
type Rights = Map<readonly MatrixFactors[], Resident>;

/** `made` receives what must be released. */
const rightOf = async (
  runtime: Runtime,
  group: readonly MatrixFactors[],
  slice: Slicing,
  made: Resident[],
): Promise<Resident> => {
  const [first] = group as [MatrixFactors];
  if (group.length === 1 && (!slice.sideways || first.outputs === 1))
    return slice.sideways ? first.b[0]! : first.a;
  const { inSize, outSize, sideways } = slice;
  const program = joinRight({ group: group.map(shapeOfFactors), size: { inSize, outSize }, sideways });
  const { right } = await program.run(runtime, { batches: group.map(factorsOf) });
  made.push(right);
  return right;
};

/**
 * Every chunk of rows against all columns, and against the chunks of rows that it meets, itself among them. Where a run has
 * no product of rows among themselves, they are one matrix: larger products run at a higher rate.
 */
const runsOf = (
  chunks: readonly (readonly FactorSet[])[],
  columns: readonly FactorSet[],
  into: TileKernels,
): Run[] => {
  const meetings = [...pairs({ rows: [...chunks.keys()], columns: [] }, into.wanted)];
  return chunks.flatMap((rows, i) => {
    const own = { rows: [rows.flat()], self: false, flipped: false, diagonal: false };
    const crossed = chunkBatches(columns, RUN_GRADIENTS, count).map(
      (chunk): Run => ({
        ...own,
        columns: chunk,
        target: 'cross',
        flipped: into.flipped !== undefined,
        diagonal: into.diagonal !== undefined && i === 0,
      }),
    );
    const others = meetings.filter(({ x, y }) => x === i && y !== i).flatMap(({ y }) => chunks[y] ?? []);
    const among = chunkBatches(others, RUN_GRADIENTS, count).map(
      (chunk): Run => ({ ...own, columns: chunk, target: 'self' }),
    );
    const runs = [...crossed, ...among];
    if (!into.wanted.self) return runs;
    const [first = { ...own, columns: [], target: 'cross' as const }, ...rest] = runs;
    return [{ ...first, rows, self: true }, ...rest];
  });
};

const contractRun = async (
  { runtime, factors, inFirst }: MatrixContraction,
  run: Run,
  slicing: Slicing,
  slice: Resident | undefined,
  rights: Rights,
  into: TileKernels,
): Promise<void> => {
  const { self, flipped, diagonal } = run;
  const shapes = (sets: readonly FactorSet[]) => sets.map((set) => set.map((g) => g.map(shapeOfFactors)));
  const program = gradientGram({
    maps: into.maps,
    mapped: { train: factors.train && true, query: factors.query && true },
    ...{ inFirst, slicing, self, flipped, diagonal },
    rows: shapes(run.rows),
    columns: shapes(run.columns),
  });
  const inputs = (sets: readonly FactorSet[]) =>
    sets.map((set) =>
      set.map((group) => ({
        right: rights.get(group) as Resident,
        left: group.map((f) => leftOf(f, slicing)),
      })),
    );
  const { panels } = await program.compute(runtime, {
    ...{ rows: inputs(run.rows), columns: inputs(run.columns), factors, slice },
  });
  let start = 0;
  for (const panel of gramPanels(into.maps, run)) {
    const { x, y } = axesOf(run, panel);
    const size = gradientsOf(x) * (panel.kind === 'diagonal' ? 1 : gradientsOf(y));
    const values = panels.data.subarray(start, start + size);
    start += size;
    // Rows against other rows: each pair of chunks is seen once where the kernel is symmetric.
    if (panel.kind === 'cross' && run.target === 'self')
      into.self?.addTransposed(values, x, y, into.symmetric);
    else if (panel.kind === 'diagonal') into.diagonal?.addTransposed(values, x, single);
    else into[panel.kind]?.addTransposed(values, x, y, panel.mirror);
  }
};

const single: readonly PanelAxis[] = [{ indices: [0] }];

const axesOf = ({ rows, columns }: Run, { kind, row, column }: GramPanel) => ({
  x: (kind === 'diagonal' ? columns : rows)[row]!.flat(),
  y: (kind === 'self' ? rows : columns)[column]!.flat(),
});
