import type { Formula } from '@ntk-lens/core';
import {
  type Program,
  sign,
  TERNARY_SCALE,
  type TensorSpec,
  ternary,
  ternaryGram,
  tf,
} from '@ntk-lens/engine';
import { type FactorShape, factorSpecs, factorsOf, productOf, total } from './gram-programs.js';
import { gradientsOf } from './group-batches.js';
import { cutSide, type Slicing, workspaceBytes } from './slicing.js';

/** What {@link gradientGramProgram} multiplies. */
export interface GradientGram {
  readonly formula: Formula;
  /** Batches in sets; the gradients of a set are multiplied as one matrix. */
  readonly rows: readonly (readonly FactorShape[])[];
  readonly columns: readonly FactorShape[];
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
  /** A column batch, or for `self` a set of rows. */
  readonly column: number;
}

/**
 * The blocks that {@link gradientGramProgram} returns, in order. Of rows against rows those with row ≤ column
 * (all for A-SignGD, whose signs are on the rows).
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
  for (const row of rows.keys()) {
    for (const column of columns.keys()) {
      blocks.push({ kind: 'cross', row, column });
      if (flipped) blocks.push({ kind: 'flipped', row, column });
    }
    for (let column = formula === 'a-signgd' ? 0 : row; self && column < rows.length; column++)
      blocks.push({ kind: 'self', row, column });
  }
  return blocks;
};

/**
 * Kernel blocks of rows against columns, and of rows against rows, from gradients that are formed piece by piece and
 * dropped. Inputs: factors `ar<set>.<batch>`, `br…` of the rows, `ac<batch>`, `bc…` of the columns (see
 * {@link factorSpecs}), and `slice`, the number of the slice, if there is more than one. Output `blocks`: all of {@link gramBlocks}, each
 * `[m·C, n·C]` (columns × rows, outputs of an example side by side), flattened one after another.
 *
 * ONNX Runtime orders operations by a depth-first walk from the outputs. With one output, a sum over pieces of
 * everything that a piece gives, that walk finishes a piece before it starts the next.
 */
export const gradientGramProgram = (g: GradientGram, s: Slicing): Program => {
  const sets = g.rows.map((set) => set.length);
  const all = [...g.rows.flat(), ...g.columns];
  return {
    name: `gradient gram ${g.formula} ${describe(s)} ${sets}x${g.columns.length} ${g.self} ${g.flipped}`,
    keepWorkspace: workspaceBytes(g.formula, s, gradientsOf(all), tokensOf(all)),
    inputs: {
      ...Object.assign({}, ...g.rows.flatMap((set, i) => set.map((f, k) => factorSpecs(`r${i}.${k}`, f, s)))),
      ...Object.assign({}, ...g.columns.map((f, i) => factorSpecs(`c${i}`, f, s))),
      ...sliceSpec(s),
    },
    build: (inputs) => {
      const sides = (f: FactorShape, name: string) => {
        const { a, b } = factorsOf(inputs, name, f);
        return sidesOf(g.formula, s, a, b, inputs['slice']);
      };
      const rows = g.rows.map((set, i) => set.map((f, k) => sides(f, `r${i}.${k}`)));
      const columns = g.columns.map((f, i) => [sides(f, `c${i}`)]);
      const blocks = gramBlocks(g);
      const pieces: tf.Tensor[] = [];
      for (let from = 0; from < s.rows; from += s.piece) {
        const form = (set: readonly Sides[]) =>
          gradientForms(set.map((side) => gradientPiece(side, from, s.piece)));
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

/** Tokens of all gradients, padding included. */
const tokensOf = (batches: readonly FactorShape[]): number =>
  batches.reduce((sum, { outputs, n, length }) => sum + outputs * n * length, 0);

const describe = (s: Slicing): string =>
  `${s.sideways ? 'sideways ' : ''}${s.inSize}x${s.outSize}/${s.rows}/${s.piece}`;

const sliceSpec = (s: Slicing): Record<string, TensorSpec> =>
  s.rows === cutSide(s) ? {} : { slice: { dtype: 'int32', shape: [1] } };

/** The factors of a batch as the two sides of the product that forms its gradients. */
interface Sides {
  /** `[n, C, height, T]`: the cotangents, or the activations where those are wider. */
  readonly left: tf.Tensor;
  /** `[n, T, width]`, the same for all outputs, or `[n·C, T, width]`. */
  readonly right: tf.Tensor;
}

/**
 * The sides for a slice, scaled where signs are taken of their products. A gradient is cut along its longer
 * side, since products with many rows and short columns run best; its Gram does not know its orientation.
 */
const sidesOf = (
  formula: Formula,
  s: Slicing,
  a: tf.Tensor,
  b: readonly tf.Tensor[],
  slice: tf.Tensor | undefined,
): Sides => {
  const outputs = b.length;
  const [n, length] = a.shape as [number, number, number];
  // Of one output at a time: ONNX Runtime would merge a transposition of outputs and examples with this one, and
  // transposes both at once far more slowly.
  /** `[n, T, height]` → `[n, rows, T]`. */
  const cut = (x: tf.Tensor) => {
    const height = cutSide(s);
    const whole = x.reshape([n, length, height / s.rows, s.rows]);
    const part = slice ? tf.gather(whole, slice.toInt(), 2) : whole;
    const left = part.reshape([n, length, s.rows]).transpose([0, 2, 1]);
    return formula === 'signgd' ? left.mul(TERNARY_SCALE) : left;
  };
  if (!s.sideways) return { left: tf.stack(b.map(cut), 1), right: a };
  const left = cut(a);
  return {
    left: tf.stack(
      Array.from({ length: outputs }, () => left),
      1,
    ),
    right: tf.stack([...b], 1).reshape([n * outputs, length, s.outSize]),
  };
};

/** Rows `from … from + size` of every example's gradient, for every output: `[n·C, size·width]`. */
const gradientPiece = ({ left, right }: Sides, from: number, size: number): tf.Tensor2D => {
  const [n, outputs, , length] = left.shape as [number, number, number, number];
  const [batch, , width] = right.shape as [number, number, number];
  const rows = tf.slice(left, [0, 0, from, 0], [n, outputs, size, length]);
  // Where outputs share the right side they are rows of one product.
  return tf
    .matMul(rows.reshape([batch, (n * outputs * size) / batch, length]), right)
    .reshape([n * outputs, size * width]);
};

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
