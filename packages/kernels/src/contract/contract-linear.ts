import type { Formula, NDArray } from '@ntk-lens/core';
import { ndarray } from '@ntk-lens/core';
import type { Resident, Runtime } from '@ntk-lens/engine';
import type { PassKernels } from './accumulators.js';
import { chooseMethod } from './choose-method.js';
import {
  crossGramProgram,
  type FactorShape,
  formRowsProgram,
  pairGramProgram,
  type Slicing,
  tokenGramProgram,
} from './gram-programs.js';
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

/** Rows that are multiplied at once; more would leave no gain from the symmetry of rows against rows. */
const GROUP_ROWS = 128;

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

/** Batches whose rows are kept and multiplied together. */
const groupRows = (batches: readonly LinearFactors[]): LinearFactors[][] => {
  const groups: LinearFactors[][] = [];
  let size = 0;
  for (const batch of batches) {
    const rows = batch.outputs * batch.n;
    if (groups.length === 0 || size + rows > GROUP_ROWS) {
      groups.push([]);
      size = 0;
    }
    groups.at(-1)!.push(batch);
    size += rows;
  }
  return groups;
};

const rowsOf = (group: readonly LinearFactors[]): number =>
  group.reduce((sum, f) => sum + f.outputs * f.n, 0);

const byGradients = async (runtime: Runtime, c: LinearContraction, into: PassKernels): Promise<void> => {
  const groups = groupRows(c.rows);
  const widest = Math.max(...[...c.rows, ...c.columns].map((f) => f.outputs * f.n));
  const s = sliceSite(c.inSize, c.outSize, widest, rowsOf(c.rows));
  for (let from = 0; from < c.outSize; from += s.rows) {
    const slice: Record<string, Resident> =
      s.rows === s.outSize ? {} : { rows: await runtime.upload(rowNumbers(from, s.rows)) };
    const kept: Record<string, Resident>[] = [];
    for (const group of groups) {
      const inputs = Object.fromEntries(
        group.flatMap((f, i) => [[`a${i}`, f.a] as const, [`b${i}`, f.b] as const]),
      );
      kept.push(await runtime.run(formRowsProgram(c.formula, group, s), { ...inputs, ...slice }));
    }
    if (into.self) await selfBlocks(runtime, c.formula, groups, kept, s, into.self);
    for (const column of c.columns) {
      const program = crossGramProgram(c.formula, groups.map(rowsOf), column, s);
      const rows = Object.assign({}, ...kept.map((forms, g) => prefixed(`${g}:`, forms))) as Record<
        string,
        Resident
      >;
      const blocks = await runtime.compute(program, { ...rows, a: column.a, b: column.b, ...slice });
      for (const [g, group] of groups.entries()) {
        into.cross.add(blocks[`k${g}`]!.data, group, [column]);
        const flipped = blocks[`flipped${g}`];
        if (flipped) into.flipped!.add(flipped.data, group, [column]);
      }
    }
    runtime.release([...kept.flatMap((forms) => Object.values(forms)), ...Object.values(slice)]);
  }
};

const selfBlocks = async (
  runtime: Runtime,
  formula: Formula,
  groups: readonly LinearFactors[][],
  kept: readonly Record<string, Resident>[],
  s: Slicing,
  self: NonNullable<PassKernels['self']>,
): Promise<void> => {
  const symmetric = formula !== 'a-signgd';
  for (const [i, left] of groups.entries()) {
    for (const [j, right] of groups.entries()) {
      if (symmetric && j < i) continue;
      const program = pairGramProgram(formula, rowsOf(left), rowsOf(right), s);
      const wanted = Object.keys(program.inputs);
      const inputs = { ...prefixed('l', kept[i]!), ...prefixed('r', kept[j]!) };
      const { k } = await runtime.compute(
        program,
        Object.fromEntries(wanted.map((name) => [name, inputs[name]!])),
      );
      self.add(k!.data, left, right, symmetric && i !== j);
    }
  }
};

const prefixed = (prefix: string, forms: Readonly<Record<string, Resident>>): Record<string, Resident> =>
  Object.fromEntries(Object.entries(forms).map(([name, tensor]) => [prefix + name, tensor]));

const rowNumbers = (from: number, count: number): NDArray<'int32'> =>
  ndarray<'int32'>(
    Int32Array.from({ length: count }, (_, i) => from + i),
    [count],
  );
