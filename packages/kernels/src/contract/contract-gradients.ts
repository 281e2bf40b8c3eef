import { type NDArray, ndarray } from '@ntk-lens/core';
import type { Resident, Runtime } from '@ntk-lens/engine';
import { mapAhead } from '../pass/map-ahead.js';
import type { PassKernels } from './accumulators.js';
import type { LinearContraction, LinearFactors } from './contract-linear.js';
import { joinRightProgram, leftSpecs } from './form-gradients.js';
import { type GradientGram, gradientGramProgram, gramBlocks, nameGroups, runSize } from './gradient-gram.js';
import { factorInputs } from './gram-programs.js';
import { chunkBatches, type GradientSet, gradientSet, gradientsOf, groupBatches } from './group-batches.js';
import { cutSide, RUN_GRADIENTS, type RunSize, type Slicing, sliceSite } from './slicing.js';

/** Row gradients that are multiplied as one matrix; more would leave little gain from their symmetry. */
const SET_GRADIENTS = 128;

type FactorSet = GradientSet<LinearFactors>;

/** Rows against columns, in one run per slice. */
interface Run extends GradientGram {
  readonly rows: readonly FactorSet[];
  readonly columns: readonly FactorSet[];
  /** Where rows against columns go; `self` if the columns are other rows. */
  readonly target: 'cross' | 'self';
}

const count = (sets: FactorSet | readonly FactorSet[]): number =>
  gradientsOf(sets.flat(2) as LinearFactors[]);

/** Adds one linear site's contribution to the kernels by forming its gradients, piece by piece (DESIGN §4). */
export const contractGradients = async (
  runtime: Runtime,
  c: LinearContraction,
  into: PassKernels,
): Promise<void> => {
  const sets = chunkBatches(c.rows, SET_GRADIENTS, (batch) => gradientsOf([batch])).map(gradientSet);
  const rowRuns = chunkBatches(sets, RUN_GRADIENTS, count);
  const partners = Math.min(RUN_GRADIENTS, gradientsOf(c.rows));
  const columns = groupBatches(c.columns, partners).map((group) => [group]);
  const runs = rowRuns.flatMap((rows, i) => {
    const others = rowRuns.filter((_, j) => (c.formula === 'a-signgd' ? j !== i : j > i)).flat();
    return runsOf(c, rows, columns, into.self ? others : [], into.self !== undefined);
  });
  const sizes = runs.map(runSize);
  const most = (of: (size: RunSize) => number) => Math.max(...sizes.map(of));
  const { outputs } = sizes[0]!;
  const slice = sliceSite(c, { outputs, gradients: most((x) => x.gradients), tokens: most((x) => x.tokens) });
  const slices = cutSide(slice) / slice.rows;
  const made: Resident[] = [];
  const rights: Rights = new Map();
  for (const group of [...sets, ...columns].flat())
    rights.set(group, await rightOf(runtime, group, slice, made));
  const parts = Array.from({ length: slices }, (_, i) => i).flatMap((i) => runs.map((run) => ({ i, run })));
  await mapAhead(parts, async ({ i, run }) => {
    const part: Record<string, Resident> = slices === 1 ? {} : { slice: await runtime.upload(scalar(i)) };
    await contractRun(runtime, run, slice, rights, part, into);
    runtime.release(Object.values(part));
  });
  runtime.release(made);
};

/** The factor of each group that is not cut. */
type Rights = Map<readonly LinearFactors[], Resident>;

/** `made` receives what must be released. */
const rightOf = async (
  runtime: Runtime,
  group: readonly LinearFactors[],
  slice: Slicing,
  made: Resident[],
): Promise<Resident> => {
  const [first] = group as [LinearFactors];
  if (group.length === 1 && (!slice.sideways || first.outputs === 1))
    return slice.sideways ? first.b[0]! : first.a;
  const inputs = Object.assign({}, ...group.map((f, k) => factorInputs(`${k}`, f)));
  const { right } = await runtime.run(joinRightProgram(group, slice), inputs);
  made.push(right!);
  return right!;
};

/** One set of rows against all columns, and rows against rows: among themselves, and against `others`. */
const runsOf = (
  { formula }: LinearContraction,
  rows: readonly FactorSet[],
  columns: readonly FactorSet[],
  others: readonly FactorSet[],
  self: boolean,
): Run[] => {
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
  rights: Rights,
  part: Readonly<Record<string, Resident>>,
  into: PassKernels,
): Promise<void> => {
  const groups = [...nameGroups('r', run.rows), ...nameGroups('c', run.columns)];
  const inputs = groups.flatMap(({ name, group }) => [
    [`right${name}`, rights.get(group)!] as const,
    ...group.flatMap((f, k) => {
      const all = factorInputs(`${name}.${k}`, f);
      return Object.keys(leftSpecs(`${name}.${k}`, f, slice)).map((key) => [key, all[key]!] as const);
    }),
  ]);
  const { blocks } = await runtime.compute(gradientGramProgram(run, slice), {
    ...Object.fromEntries(inputs),
    ...part,
  });
  let start = 0;
  for (const { kind, row, column } of gramBlocks(run)) {
    const x = run.rows[row]!.flat();
    const y = (kind === 'self' ? run.rows : run.columns)[column]!.flat();
    const size = gradientsOf(x) * gradientsOf(y);
    const target = kind === 'cross' ? run.target : kind;
    const sameRows = kind === 'self' && row === column;
    const mirror = target === 'self' && run.formula !== 'a-signgd' && !sameRows;
    into[target]!.addTransposed(blocks!.data.subarray(start, start + size), x, y, mirror);
    start += size;
  }
};

const scalar = (value: number): NDArray<'int32'> => ndarray<'int32'>(Int32Array.of(value), [1]);
