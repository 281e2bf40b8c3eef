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

/** How the gradient matrix of a linear site is cut: `rows` of it at a time, in `pieces` that fit in a cache. */
export interface Slicing {
  readonly inSize: number;
  readonly outSize: number;
  /** Cut along the inputs instead of the outputs: where there are more of them. */
  readonly sideways?: boolean;
  /** Rows of the slice; divides the side that is cut. */
  readonly rows: number;
  /** Rows of a piece; divides `rows`. */
  readonly piece: number;
}

/** Shape of one batch's factors. */
export interface FactorShape {
  /** Gradients per example. */
  readonly outputs: number;
  readonly n: number;
  readonly length: number;
}

export const factorSpecs = (suffix: string, f: FactorShape, s: Slicing): Record<string, TensorSpec> => ({
  [`a${suffix}`]: { dtype: 'float32', shape: [f.n, f.length, s.inSize] },
  [`b${suffix}`]: { dtype: 'float32', shape: [f.outputs, f.n, s.outSize, f.length] },
});

/** Length of the side along which gradients are cut. */
export const cutSide = (s: Slicing): number => (s.sideways ? s.inSize : s.outSize);

const sliceSpec = (s: Slicing): Record<string, TensorSpec> =>
  s.rows === cutSide(s) ? {} : { rows: { dtype: 'int32', shape: [s.rows] } };

/** The factors of a batch as the two sides of the product that forms its gradients. */
interface Sides {
  /** `[C or 1, n, height, T]`: the cotangents, or the activations where those are wider. */
  readonly left: tf.Tensor;
  /** `[C or 1, n, T, width]`. */
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
  b: tf.Tensor,
  rows: tf.Tensor | undefined,
): Sides => {
  const upright = !s.sideways;
  const whole = upright ? b : a.transpose([0, 2, 1]).expandDims(0);
  const part = rows ? tf.gather(whole, rows.toInt(), 2) : whole;
  const right = upright ? a.expandDims(0) : b.transpose([0, 1, 3, 2]);
  return { left: formula === 'signgd' ? part.mul(TERNARY_SCALE) : part, right };
};

/** Rows `from … from + size` of every example's gradient, for every output: `[C·n, size·width]`. */
const gradientPiece = ({ left, right }: Sides, from: number, size: number): tf.Tensor2D => {
  const [c, n, , length] = left.shape as [number, number, number, number];
  const outputs = Math.max(c, right.shape[0]!);
  const width = right.shape[3]!;
  const rows = tf.slice(left, [0, 0, from, 0], [c, n, size, length]);
  const product =
    outputs === 1
      ? tf.matMul(rows.reshape([n, size, length]), right.reshape([n, length, width]))
      : tf.matMul(rows, right);
  return product.reshape([outputs * n, size * width]);
};

export const describe = (s: Slicing): string =>
  `${s.sideways ? 'sideways ' : ''}${s.inSize}x${s.outSize}/${s.rows}/${s.piece}`;

const transposed = (a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
  tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, false, true);

export const total = (parts: readonly tf.Tensor[]): tf.Tensor => parts.reduce((sum, part) => sum.add(part));

/** One block of {@link gradientGramProgram}: which kernel it adds to, and of which batches. */
export interface GramBlock {
  readonly kind: 'cross' | 'flipped' | 'self';
  readonly row: number;
  /** A column batch, or for `self` a row batch. */
  readonly column: number;
}

/**
 * The blocks that {@link gradientGramProgram} returns, in order: rows against columns, for A-SignGD also with
 * the signs on the columns, and of rows against rows those with row ≤ column (all for A-SignGD, whose signs
 * are on the left).
 */
export const gramBlocks = (formula: Formula, rows: number, columns: number, self: boolean): GramBlock[] => {
  const blocks: GramBlock[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      blocks.push({ kind: 'cross', row, column });
      if (formula === 'a-signgd') blocks.push({ kind: 'flipped', row, column });
    }
    for (let column = 0; self && column < rows; column++) {
      if (formula === 'a-signgd' || row <= column) blocks.push({ kind: 'self', row, column });
    }
  }
  return blocks;
};

/**
 * Kernel blocks of row batches against column batches, and of rows against rows, from gradients that are
 * formed piece by piece and never leave the processor's caches. Output `blocks`: all of {@link gramBlocks},
 * each `[C·n, C·m]`, flattened one after another.
 *
 * ONNX Runtime orders operations by a depth-first walk from the outputs. With one output, a sum over pieces of
 * everything that a piece gives, that walk finishes a piece before it starts the next.
 */
export const gradientGramProgram = (
  formula: Formula,
  rows: readonly FactorShape[],
  columns: readonly FactorShape[],
  s: Slicing,
  self: boolean,
): Program => ({
  name: `gradient gram ${formula} ${describe(s)} ${rows.length}x${columns.length} ${self}`,
  keepWorkspace: true,
  inputs: {
    ...Object.assign({}, ...rows.map((f, i) => factorSpecs(`r${i}`, f, s))),
    ...Object.assign({}, ...columns.map((f, i) => factorSpecs(`c${i}`, f, s))),
    ...sliceSpec(s),
  },
  build: (inputs) => {
    const factors = (side: 'r' | 'c', batches: readonly FactorShape[]) =>
      batches.map((_, i) =>
        sidesOf(formula, s, inputs[`a${side}${i}`]!, inputs[`b${side}${i}`]!, inputs['rows']),
      );
    const [left, right] = [factors('r', rows), factors('c', columns)];
    const blocks = gramBlocks(formula, rows.length, columns.length, self);
    const pieces: tf.Tensor[] = [];
    for (let from = 0; from < s.rows; from += s.piece) {
      const form = (sides: Sides) => gradientForms(gradientPiece(sides, from, s.piece));
      const [rowForms, columnForms] = [left.map(form), right.map(form)];
      const parts = blocks.map(({ kind, row, column }) => {
        const x = rowForms[row]!;
        if (kind === 'flipped') return transposed(x.plain, columnForms[column]!.signs()).flatten();
        return gram(formula, x, (kind === 'self' ? rowForms : columnForms)[column]!).flatten();
      });
      pieces.push(parts.length === 1 ? parts[0]! : tf.concat(parts));
    }
    return { blocks: total(pieces) };
  },
});

/** A gradient piece in the forms that formulas multiply; each is made at most once. */
interface GradientForms {
  readonly plain: tf.Tensor;
  readonly signs: () => tf.Tensor;
  readonly ternary: () => tf.Tensor;
}

const gradientForms = (gradient: tf.Tensor): GradientForms => ({
  plain: gradient,
  signs: () => sign(gradient),
  ternary: () => ternary(gradient),
});

/** ⟨·, ·⟩ of a formula, its signs on the left where they are on one side only. */
const gram = (formula: Formula, left: GradientForms, right: GradientForms): tf.Tensor => {
  if (formula === 'sgd') return transposed(left.plain, right.plain);
  if (formula === 'signgd') return ternaryGram(left.ternary(), right.ternary());
  return transposed(left.signs(), right.plain);
};

/**
 * Kernel block of two batches through the Grams of their factors, without forming gradients (SGD):
 * Σ_{t,t'} (a_t·a'_t')(b_t·b'_t'). With one token per example the factors' signs give the sign kernels too,
 * since sign(b aᵀ) = sign(b) sign(a)ᵀ.
 */
export const tokenGramProgram = (
  formula: Formula,
  left: FactorShape,
  right: FactorShape,
  s: Slicing,
): Program => {
  const whole = { ...s, rows: s.outSize };
  return {
    name: `token gram ${formula} ${describe(whole)}`,
    inputs: { ...factorSpecs('0', left, whole), ...factorSpecs('1', right, whole) },
    build: ({ a0, b0, a1, b1 }): Record<string, tf.Tensor> => {
      const gram = (f: (x: tf.Tensor) => tf.Tensor, g: (x: tf.Tensor) => tf.Tensor) =>
        factorGram(f(a0!), f(b0!), g(a1!), g(b1!));
      const same = (x: tf.Tensor) => x;
      if (formula === 'sgd') return { k: gram(same, same) };
      if (formula === 'signgd') return { k: gram(sign, sign) };
      return { k: gram(sign, same), flipped: gram(same, sign) };
    },
  };
};

const factorGram = (a0: tf.Tensor, b0: tf.Tensor, a1: tf.Tensor, b1: tf.Tensor): tf.Tensor => {
  const tokens = (a: tf.Tensor) => a.reshape([a.shape[0]! * a.shape[1]!, a.shape[2]!]);
  const rows = (b: tf.Tensor) => {
    const [outputs, n, width, length] = b.shape as [number, number, number, number];
    return b.transpose([0, 1, 3, 2]).reshape([outputs * n * length, width]);
  };
  const [c0, n0, , t0] = b0.shape as [number, number, number, number];
  const [c1, n1, , t1] = b1.shape as [number, number, number, number];
  const activations = transposed(tokens(a0), tokens(a1)).reshape([1, n0 * t0, 1, n1 * t1]);
  const cotangents = transposed(rows(b0), rows(b1)).reshape([c0, n0 * t0, c1, n1 * t1]);
  const products = cotangents.mul(activations).reshape([c0 * n0, t0, c1 * n1, t1]);
  return t0 === 1 && t1 === 1 ? products.reshape([c0 * n0, c1 * n1]) : products.sum(3).sum(1);
};

/**
 * Kernel block of two batches' vector gradients `v` `[C, n, P]`.
 *
 * @param range entries `[start, size]` to take; all by default
 */
export const vectorGramProgram = (
  formula: Formula,
  left: readonly number[],
  right: readonly number[],
  range: readonly [number, number] = [0, left[2]!],
): Program => ({
  name: `vector gram ${formula} ${range}`,
  inputs: { v0: { dtype: 'float32', shape: left }, v1: { dtype: 'float32', shape: right } },
  build: ({ v0, v1 }): Record<string, tf.Tensor> => {
    const flat = (v: tf.Tensor) => {
      const [outputs, n] = v.shape as [number, number];
      return tf.slice(v, [0, 0, range[0]], [outputs, n, range[1]]).reshape([outputs * n, range[1]]);
    };
    const [x, y] = [flat(v0!), flat(v1!)];
    if (formula === 'sgd') return { k: transposed(x, y) };
    if (formula === 'signgd')
      return { k: ternaryGram(ternary(x.mul(TERNARY_SCALE)), ternary(y.mul(TERNARY_SCALE))) };
    return { k: transposed(sign(x), y), flipped: transposed(x, sign(y)) };
  },
});
