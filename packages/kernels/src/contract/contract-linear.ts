import type { Formula, NDArray } from '@ntk-lens/core';
import { ndarray } from '@ntk-lens/core';
import type { Resident, Runtime } from '@ntk-lens/engine';
import type { PassKernels } from './accumulators.js';
import { chooseMethod } from './choose-method.js';
import {
  cutSide,
  type FactorShape,
  gradientGramProgram,
  gramBlocks,
  tokenGramProgram,
} from './gram-programs.js';
import { joinExamplesProgram } from './join-programs.js';
import type { BlockAxis } from './kernel-accumulator.js';
import { sliceSite } from './slicing.js';

/** Factors of one linear site for one batch. */
export interface LinearFactors extends FactorShape, BlockAxis {
  /** Activations `[n, T', in]`. */
  readonly a: Resident;
  /** Cotangents `[C, n, out, T']`. */
  readonly b: Resident;
}

/** One linear site's factors of all row and column batches. */
export interface LinearContraction {
  readonly formula: Formula;
  readonly inSize: number;
  readonly outSize: number;
  readonly rows: readonly LinearFactors[];
  readonly columns: readonly LinearFactors[];
}

/** Gradients that are multiplied at once; more would leave no gain from the symmetry of rows against rows. */
const GROUP_GRADIENTS = 32;
/** Column gradients of one run: its rows are formed once for all of them. */
const RUN_GRADIENTS = 512;

/** Adds one linear site's contribution to the kernels, by the cheaper of the two ways (DESIGN §4). */
export const contractLinear = async (
  runtime: Runtime,
  c: LinearContraction,
  into: PassKernels,
): Promise<void> => {
  if (chooseMethod(c, into.self !== undefined) === 'token-gram') await byTokens(runtime, c, into);
  else await byGradients(runtime, c, into);
};

const byTokens = async (runtime: Runtime, c: LinearContraction, into: PassKernels): Promise<void> => {
  const s = { inSize: c.inSize, outSize: c.outSize, rows: c.outSize, piece: c.outSize };
  const block = (x: LinearFactors, y: LinearFactors) =>
    runtime.compute(tokenGramProgram(c.formula, x, y, s), { a0: x.a, b0: x.b, a1: y.a, b1: y.b });
  for (const [i, x] of c.rows.entries()) {
    for (const y of c.columns) {
      const { k, flipped } = await block(x, y);
      into.cross.add(k!.data, [x], [y]);
      if (flipped) into.flipped!.add(flipped.data, [x], [y]);
    }
    if (!into.self) continue;
    for (const y of c.formula === 'a-signgd' ? c.rows : c.rows.slice(i)) {
      const { k } = await block(x, y);
      into.self.add(k!.data, [x], [y], c.formula !== 'a-signgd' && y !== x);
    }
  }
};

const gradientsOf = (batches: readonly LinearFactors[]): number =>
  batches.reduce((sum, f) => sum + f.outputs * f.n, 0);

/** Consecutive batches with at most `most` gradients (or one batch) together. */
const grouped = (batches: readonly LinearFactors[], most: number): LinearFactors[][] => {
  const groups: LinearFactors[][] = [];
  for (const batch of batches) {
    const group = groups.at(-1);
    if (group && gradientsOf([...group, batch]) <= most) group.push(batch);
    else groups.push([batch]);
  }
  return groups;
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
  const s = { inSize: c.inSize, outSize: c.outSize, rows: c.outSize, piece: c.outSize };
  const inputs = Object.fromEntries(
    group.flatMap(({ a, b }, i) => [[`a${i}`, a] as const, [`b${i}`, b] as const]),
  );
  const { a, b } = await runtime.run(joinExamplesProgram(group, length, s), inputs);
  made.push(a!, b!);
  const indices = group.flatMap((f) => f.indices);
  return { a: a!, b: b!, length, n: indices.length, outputs: first!.outputs, indices };
};

const byGradients = async (runtime: Runtime, c: LinearContraction, into: PassKernels): Promise<void> => {
  const made: Resident[] = [];
  const joinAll = async (batches: readonly LinearFactors[]) => {
    const joined: LinearFactors[] = [];
    for (const group of grouped(batches, GROUP_GRADIENTS)) joined.push(await join(runtime, group, c, made));
    return joined;
  };
  const [rows, columns] = [await joinAll(c.rows), await joinAll(c.columns)];
  const runs = grouped(columns, RUN_GRADIENTS);
  if (runs.length === 0) runs.push([]);
  const slice = sliceSite(
    c.inSize,
    c.outSize,
    Math.max(...[...rows, ...columns].map((f) => gradientsOf([f]))),
  );
  for (let from = 0; from < cutSide(slice); from += slice.rows) {
    const part: Record<string, Resident> =
      slice.rows === cutSide(slice) ? {} : { rows: await runtime.upload(rowNumbers(from, slice.rows)) };
    for (const [run, batches] of runs.entries()) {
      const self = run === 0 && into.self !== undefined;
      if (!self && batches.length === 0) continue;
      const program = gradientGramProgram(c.formula, rows, batches, slice, self);
      const { blocks } = await runtime.compute(program, {
        ...named('r', rows),
        ...named('c', batches),
        ...part,
      });
      addBlocks(blocks!, c.formula, rows, batches, self, into);
    }
    runtime.release(Object.values(part));
  }
  runtime.release(made);
};

const named = (side: 'r' | 'c', batches: readonly LinearFactors[]): Record<string, Resident> =>
  Object.fromEntries(
    batches.flatMap(({ a, b }, i) => [[`a${side}${i}`, a] as const, [`b${side}${i}`, b] as const]),
  );

const addBlocks = (
  blocks: NDArray,
  formula: Formula,
  rows: readonly LinearFactors[],
  columns: readonly LinearFactors[],
  self: boolean,
  into: PassKernels,
): void => {
  let start = 0;
  for (const { kind, row, column } of gramBlocks(formula, rows.length, columns.length, self)) {
    const [x, y] = [rows[row]!, (kind === 'self' ? rows : columns)[column]!];
    const size = gradientsOf([x]) * gradientsOf([y]);
    const mirror = kind === 'self' && formula !== 'a-signgd' && row !== column;
    into[kind]!.add(blocks.data.subarray(start, start + size), [x], [y], mirror);
    start += size;
  }
};

const rowNumbers = (from: number, count: number): NDArray<'int32'> =>
  ndarray<'int32'>(
    Int32Array.from({ length: count }, (_, i) => from + i),
    [count],
  );
