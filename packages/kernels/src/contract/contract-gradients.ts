import { type NDArray, ndarray } from '@ntk-lens/core';
import type { Resident, Runtime } from '@ntk-lens/engine';
import { mapAhead } from '../pass/map-ahead.js';
import type { PassKernels } from './accumulators.js';
import type { LinearContraction, LinearFactors } from './contract-linear.js';
import { type GradientGram, gradientGramProgram, gramBlocks } from './gradient-gram.js';
import { factorInputs } from './gram-programs.js';
import { chunkBatches, gradientsOf, groupBatches } from './group-batches.js';
import { joinExamplesProgram, joinedFactors } from './join-programs.js';
import { cutSide, RUN_GRADIENTS, type Slicing, sliceSite } from './slicing.js';

/** Row gradients that are multiplied as one matrix; more would leave little gain from their symmetry. */
const SET_GRADIENTS = 128;

/** Batches whose gradients are put below each other. */
type RowSet = readonly LinearFactors[];

/** Rows against columns, in one run per slice. */
interface Run extends GradientGram {
  readonly rows: readonly RowSet[];
  readonly columns: readonly LinearFactors[];
  /** Where rows against columns go; `self` if the columns are other rows. */
  readonly target: 'cross' | 'self';
}

/** Adds one linear site's contribution to the kernels by forming its gradients, piece by piece (DESIGN §4). */
export const contractGradients = async (
  runtime: Runtime,
  c: LinearContraction,
  into: PassKernels,
): Promise<void> => {
  const sets = chunkBatches(c.rows, SET_GRADIENTS, (batch) => gradientsOf([batch]));
  const rowRuns = chunkBatches(sets, RUN_GRADIENTS, gradientsOf);
  const partners = Math.min(RUN_GRADIENTS, gradientsOf(c.rows));
  const made: Resident[] = [];
  const columns: LinearFactors[] = [];
  for (const group of groupBatches(c.columns, partners)) columns.push(await join(runtime, group, c, made));
  const runs = rowRuns.flatMap((rows, i) => {
    const others = rowRuns.filter((_, j) => (c.formula === 'a-signgd' ? j !== i : j > i)).flat(2);
    return runsOf(c, rows, columns, into.self ? others : [], into.self !== undefined);
  });
  const { outputs } = c.rows[0]!;
  const largest = Math.max(
    ...runs.map(
      (run) => gradientsOf(run.rows.flat()) + Math.max(0, ...run.columns.map((f) => gradientsOf([f]))),
    ),
  );
  const slice = sliceSite(c, outputs, largest);
  const slices = cutSide(slice) / slice.rows;
  const parts = Array.from({ length: slices }, (_, i) => i).flatMap((i) => runs.map((run) => ({ i, run })));
  await mapAhead(parts, async ({ i, run }) => {
    const part: Record<string, Resident> = slices === 1 ? {} : { slice: await runtime.upload(scalar(i)) };
    await contractRun(runtime, run, slice, part, into);
    runtime.release(Object.values(part));
  });
  runtime.release(made);
};

/** One set of rows against all columns, and rows against rows: among themselves, and against `others`. */
const runsOf = (
  { formula }: LinearContraction,
  rows: readonly RowSet[],
  columns: readonly LinearFactors[],
  others: readonly LinearFactors[],
  self: boolean,
): Run[] => {
  const count = (batch: LinearFactors) => gradientsOf([batch]);
  const runs = chunkBatches(columns, RUN_GRADIENTS, count).map(
    (chunk): Run => ({
      formula,
      rows,
      columns: chunk,
      target: 'cross',
      self: false,
      flipped: formula === 'a-signgd',
    }),
  );
  for (const chunk of chunkBatches(others, RUN_GRADIENTS, count))
    runs.push({ formula, rows, columns: chunk, target: 'self', self: false, flipped: false });
  if (!self) return runs;
  const [first, ...rest] = runs;
  if (first) return [{ ...first, self }, ...rest];
  return [{ formula, rows, columns: [], target: 'cross', self, flipped: false }];
};

const contractRun = async (
  runtime: Runtime,
  run: Run,
  slice: Slicing,
  part: Readonly<Record<string, Resident>>,
  into: PassKernels,
): Promise<void> => {
  const { blocks } = await runtime.compute(gradientGramProgram(run, slice), {
    ...Object.assign({}, ...run.rows.flatMap((set, i) => set.map((f, k) => factorInputs(`r${i}.${k}`, f)))),
    ...Object.assign({}, ...run.columns.map((f, i) => factorInputs(`c${i}`, f))),
    ...part,
  });
  let start = 0;
  for (const { kind, row, column } of gramBlocks(run)) {
    const x = run.rows[row]!;
    const y = kind === 'self' ? run.rows[column]! : [run.columns[column]!];
    const size = gradientsOf(x) * gradientsOf(y);
    const target = kind === 'cross' ? run.target : kind;
    const sameRows = kind === 'self' && row === column;
    const mirror = target === 'self' && run.formula !== 'a-signgd' && !sameRows;
    into[target]!.addTransposed(blocks!.data.subarray(start, start + size), x, y, mirror);
    start += size;
  }
};

/** Factors of a group of batches as one batch; `made` receives what must be released. */
const join = async (
  runtime: Runtime,
  group: readonly LinearFactors[],
  c: LinearContraction,
  made: Resident[],
): Promise<LinearFactors> => {
  const [first] = group;
  if (group.length === 1) return first!;
  const length = Math.max(...group.map((f) => f.length));
  const inputs: Record<string, Resident> = Object.assign({}, ...group.map((f, i) => factorInputs(`${i}`, f)));
  const outputs = await runtime.run(joinExamplesProgram(group, length, c), inputs);
  made.push(...Object.values(outputs));
  const indices = group.flatMap((f) => f.indices);
  const shape = { length, n: indices.length, outputs: first!.outputs, indices };
  return { ...joinedFactors(outputs, first!.outputs), ...shape };
};

const scalar = (value: number): NDArray<'int32'> => ndarray<'int32'>(Int32Array.of(value), [1]);
