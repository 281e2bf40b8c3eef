import type { Formula } from '@ntk-lens/core';
import { type Program, sign, type TensorSpec, ternary, ternaryGram, tf } from '@ntk-lens/engine';
import { formGradients, leftSpecs, type PieceOf, rightShape } from './form-gradients.js';
import { type FactorShape, productOf, total } from './gram-programs.js';
import { type GradientSet, gradientsOf, longest } from './group-batches.js';
import { cutSide, type RunSize, type Slicing, workspaceBytes } from './slicing.js';

/** What {@link gradientGramProgram} multiplies. */
export interface GradientGram {
  readonly formula: Formula;
  readonly rows: readonly GradientSet<FactorShape>[];
  readonly columns: readonly GradientSet<FactorShape>[];
  /** Rows against rows as well. */
  readonly self: boolean;
  /** Also with the signs on the columns (A-SignGD). */
  readonly flipped: boolean;
}

/** One block of {@link gradientGramProgram}: which kernel it adds to, and of which gradients. */
export interface GramBlock {
  readonly kind: 'cross' | 'flipped' | 'self';
  /** A set of rows. */
  readonly row: number;
  /** A set of columns, or for `self` of rows. */
  readonly column: number;
}

/**
 * The blocks that {@link gradientGramProgram} returns, in order: one set of columns after another, so that only the rows
 * and one of these exist at once. Of rows against rows those with row ≤ column (all for A-SignGD, whose signs are on the rows).
 */
export const gramBlocks = ({
  formula,
  rows,
  columns,
  self,
  flipped,
}: Omit<GradientGram, 'rows' | 'columns'> & {
  readonly rows: readonly unknown[];
  readonly columns: readonly unknown[];
}): GramBlock[] => {
  const blocks: GramBlock[] = [];
  for (const column of columns.keys())
    for (const row of rows.keys()) {
      blocks.push({ kind: 'cross', row, column });
      if (flipped) blocks.push({ kind: 'flipped', row, column });
    }
  for (const row of rows.keys())
    for (let column = formula === 'a-signgd' ? 0 : row; self && column < rows.length; column++)
      blocks.push({ kind: 'self', row, column });
  return blocks;
};

/** The gradients and tokens of {@link gradientGramProgram}. */
export const runSize = ({ rows, columns }: Pick<GradientGram, 'rows' | 'columns'>): RunSize => {
  const groups = [...rows, ...columns].flat();
  const most = Math.max(0, ...columns.map((set) => gradientsOf(set.flat())));
  return {
    outputs: groups[0]![0]!.outputs,
    gradients: gradientsOf(rows.flat(2)) + most,
    tokens: groups.reduce((sum, group) => sum + gradientsOf(group) * longest(group), 0),
  };
};

/** `r` for rows, `c` for columns. */
type Side = 'r' | 'c';

const groupName = (side: Side, set: number, group: number): string => `${side}${set}.${group}`;

/** Every group of some sets with its name. */
export const nameGroups = <F>(
  side: Side,
  sets: readonly GradientSet<F>[],
): { readonly name: string; readonly group: readonly F[] }[] =>
  sets.flatMap((set, i) => set.map((group, j) => ({ name: groupName(side, i, j), group })));

/**
 * Kernel blocks of rows against columns, and of rows against rows, from gradients that are formed piece by piece and
 * dropped. Inputs, by {@link nameGroups}: `right<group>` (see {@link rightShape}) and {@link leftSpecs} of each batch
 * `<group>.<k>`; and `slice`, the number of the slice, if there is more than one. Output `blocks`: all of
 * {@link gramBlocks}, each `[m·C, n·C]` (columns × rows, outputs of an example side by side), flattened one after another.
 *
 * ONNX Runtime orders operations by a depth-first walk from the outputs. With one output, a sum over pieces of
 * everything that a piece gives, that walk finishes a piece before it starts the next.
 */
export const gradientGramProgram = (g: GradientGram, s: Slicing): Program => {
  const named = [...nameGroups('r', g.rows), ...nameGroups('c', g.columns)];
  const shape = (sets: readonly GradientSet<FactorShape>[]) =>
    sets.map((set) => set.map((group) => group.length).join('+'));
  return {
    name: `gradient gram ${g.formula} ${describe(s)} ${shape(g.rows)} x ${shape(g.columns)} ${g.self} ${g.flipped}`,
    keepWorkspace: workspaceBytes(g.formula, s, runSize(g)),
    inputs: {
      ...Object.assign({}, ...named.map(({ name, group }) => groupSpecs(name, group, s))),
      ...sliceSpec(s),
    },
    build: (inputs) => {
      const pieceOf = (name: string, group: readonly FactorShape[]): PieceOf => {
        const left = group.map((f, k) =>
          Object.keys(leftSpecs(`${name}.${k}`, f, s)).map((key) => inputs[key]!),
        );
        return formGradients(g.formula, s, left, inputs[`right${name}`]!, group[0]!.outputs, inputs['slice']);
      };
      const piecesOf = (side: Side, sets: readonly GradientSet<FactorShape>[]) =>
        sets.map((set, i) => set.map((group, j) => pieceOf(groupName(side, i, j), group)));
      const [rows, columns] = [piecesOf('r', g.rows), piecesOf('c', g.columns)];
      const blocks = gramBlocks(g);
      const pieces: tf.Tensor[] = [];
      for (let from = 0; from < s.rows; from += s.piece) {
        const form = (set: readonly PieceOf[]) => gradientForms(set.map((piece) => piece(from, s.piece)));
        const [rowForms, columnForms] = [rows.map(form), columns.map(form)];
        const parts = blocks.map(({ kind, row, column }) => {
          const y = (kind === 'self' ? rowForms : columnForms)[column]!;
          return gram(g.formula, kind, rowForms[row]!, y).flatten();
        });
        pieces.push(parts.length === 1 ? parts[0]! : tf.concat(parts));
      }
      return { blocks: total(pieces) };
    },
  };
};

const groupSpecs = (name: string, group: readonly FactorShape[], s: Slicing): Record<string, TensorSpec> => ({
  [`right${name}`]: { dtype: 'float32', shape: rightShape(group, s) },
  ...Object.assign({}, ...group.map((f, k) => leftSpecs(`${name}.${k}`, f, s))),
});

const describe = (s: Slicing): string =>
  `${s.sideways ? 'sideways ' : ''}${s.inSize}x${s.outSize}/${s.rows}/${s.piece}`;

const sliceSpec = (s: Slicing): Record<string, TensorSpec> =>
  s.rows === cutSide(s) ? {} : { slice: { dtype: 'int32', shape: [1] } };

/** A piece of gradients in the forms that formulas multiply; each is made at most once. */
interface GradientForms {
  readonly plain: () => tf.Tensor;
  readonly signs: () => tf.Tensor;
  readonly ternary: () => tf.Tensor;
}

const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

const gradientForms = (parts: readonly tf.Tensor2D[]): GradientForms => {
  const joined = (f: (x: tf.Tensor2D) => tf.Tensor) =>
    once(() => (parts.length === 1 ? f(parts[0]!) : tf.concat(parts.map((part) => f(part)))));
  return { plain: joined((x) => x), signs: joined(sign), ternary: joined(ternary) };
};

/** Gram of columns and rows, with the signs on the rows where a formula has them on one side only. */
const gram = (
  formula: Formula,
  kind: GramBlock['kind'],
  rows: GradientForms,
  columns: GradientForms,
): tf.Tensor => {
  if (formula === 'sgd') return productOf(columns.plain(), rows.plain());
  if (formula === 'signgd') return ternaryGram(columns.ternary(), rows.ternary());
  return kind === 'flipped'
    ? productOf(columns.signs(), rows.plain())
    : productOf(columns.plain(), rows.signs());
};
