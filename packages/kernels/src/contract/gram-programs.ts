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

/**
 * The forms in which gradients of row examples are kept, per formula: `g` as they are, `s` their signs in
 * float32, `t` their signs in ternary form.
 */
export const rowForms = { sgd: ['g'], signgd: ['t'], 'a-signgd': ['g', 's'] } as const satisfies Record<
  Formula,
  readonly RowForm[]
>;
export type RowForm = 'g' | 's' | 't';

/** How the gradient matrix of a linear site is cut: `rows` of it at a time, in `pieces` that fit in a cache. */
export interface Slicing {
  readonly inSize: number;
  readonly outSize: number;
  /** Rows of the slice; divides `outSize`. */
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

const factorSpecs = (suffix: string, f: FactorShape, s: Slicing): Record<string, TensorSpec> => ({
  [`a${suffix}`]: { dtype: 'float32', shape: [f.n, f.length, s.inSize] },
  [`b${suffix}`]: { dtype: 'float32', shape: [f.outputs, f.n, s.outSize, f.length] },
});

const sliceSpec = (s: Slicing): Record<string, TensorSpec> =>
  s.rows === s.outSize ? {} : { rows: { dtype: 'int32', shape: [s.rows] } };

/** Rows `from … from + size` of G = b aᵀ for every output and example: `[C·n, size·in]`. */
const gradientPiece = (a: tf.Tensor, b: tf.Tensor, from: number, size: number): tf.Tensor2D => {
  const [outputs, n, , length] = b.shape as [number, number, number, number];
  const rows = tf.slice(b, [0, 0, from, 0], [outputs, n, size, length]);
  const left = outputs === 1 ? rows.reshape([n, size, length]) : rows;
  const right = outputs === 1 ? a : a.expandDims(0);
  return tf.matMul(left, right).reshape([outputs * n, size * a.shape[2]!]);
};

/** The cotangents that a slice needs, scaled where signs are taken of their products. */
const wanted = (formula: Formula, b: tf.Tensor, rows: tf.Tensor | undefined): tf.Tensor => {
  const part = rows ? tf.gather(b, rows.toInt(), 2) : b;
  return formula === 'signgd' ? part.mul(TERNARY_SCALE) : part;
};

const toForm = (gradient: tf.Tensor, form: RowForm): tf.Tensor =>
  form === 'g' ? gradient : form === 's' ? sign(gradient) : ternary(gradient);

const describe = (s: Slicing): string => `${s.inSize}x${s.outSize}/${s.rows}/${s.piece}`;

/**
 * Forms a slice of the gradients of several batches and keeps it: outputs `<form><piece>`, each
 * `[Σ C·n, piece·in]`, for {@link crossGramProgram} and {@link pairGramProgram}.
 */
export const formRowsProgram = (formula: Formula, batches: readonly FactorShape[], s: Slicing): Program => ({
  name: `form rows ${formula} ${describe(s)}`,
  inputs: { ...Object.assign({}, ...batches.map((f, i) => factorSpecs(`${i}`, f, s))), ...sliceSpec(s) },
  build: (inputs) => {
    const results: Record<string, tf.Tensor> = {};
    for (let k = 0; k < s.rows / s.piece; k++) {
      const gradients = batches.map((_, i) =>
        gradientPiece(
          inputs[`a${i}`]!,
          wanted(formula, inputs[`b${i}`]!, inputs['rows']),
          k * s.piece,
          s.piece,
        ),
      );
      for (const form of rowForms[formula]) {
        const parts = gradients.map((gradient) => toForm(gradient, form));
        results[`${form}${k}`] = parts.length === 1 ? parts[0]! : tf.concat(parts, 0);
      }
    }
    return results;
  },
});

const rowSpecs = (
  formula: Formula,
  prefix: string,
  count: number,
  s: Slicing,
): Record<string, TensorSpec> => {
  const specs: Record<string, TensorSpec> = {};
  for (const form of rowForms[formula]) {
    for (let k = 0; k < s.rows / s.piece; k++) {
      specs[`${prefix}${form}${k}`] = {
        dtype: form === 't' ? 'ternary' : 'float32',
        shape: [count, s.piece * s.inSize],
      };
    }
  }
  return specs;
};

const transposed = (a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
  tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, false, true);

const total = (parts: readonly tf.Tensor[]): tf.Tensor => parts.reduce((sum, part) => sum.add(part));

/**
 * Kernel blocks of kept rows against one batch whose gradients are formed and dropped piece by piece: for
 * group g of kept rows `k<g>` `[R_g, C·n]`, and `flipped<g>` for A-SignGD.
 *
 * @param groups R_g, rows of each group kept by {@link formRowsProgram}
 */
export const crossGramProgram = (
  formula: Formula,
  groups: readonly number[],
  batch: FactorShape,
  s: Slicing,
): Program => ({
  name: `cross gram ${formula} ${describe(s)}`,
  inputs: {
    ...Object.assign({}, ...groups.map((rows, g) => rowSpecs(formula, `${g}:`, rows, s))),
    ...factorSpecs('', batch, s),
    ...sliceSpec(s),
  },
  build: (inputs) => {
    const b = wanted(formula, inputs['b']!, inputs['rows']);
    const parts: Record<string, tf.Tensor[]> = {};
    const add = (name: string, part: tf.Tensor) => {
      parts[name] = [...(parts[name] ?? []), part];
    };
    for (let k = 0; k < s.rows / s.piece; k++) {
      const gradient = gradientPiece(inputs['a']!, b, k * s.piece, s.piece);
      const forms = { g: gradient, s: () => sign(gradient), t: () => ternary(gradient) };
      for (const g of groups.keys()) {
        const row = (form: RowForm) => inputs[`${g}:${form}${k}`]!;
        if (formula === 'sgd') add(`k${g}`, transposed(row('g'), forms.g));
        else if (formula === 'signgd') add(`k${g}`, ternaryGram(row('t'), forms.t()));
        else {
          add(`k${g}`, transposed(row('s'), forms.g));
          add(`flipped${g}`, transposed(row('g'), forms.s()));
        }
      }
    }
    return Object.fromEntries(Object.entries(parts).map(([name, list]) => [name, total(list)]));
  },
});

/** Kernel block of kept rows against kept rows: `k` `[R, R']`; for A-SignGD signs are on the left. */
export const pairGramProgram = (formula: Formula, left: number, right: number, s: Slicing): Program => ({
  name: `pair gram ${formula} ${describe(s)}`,
  inputs: { ...rowSpecs(formula, 'l', left, s), ...rowSpecs(formula, 'r', right, s) },
  build: (inputs) => {
    const parts: tf.Tensor[] = [];
    for (let k = 0; k < s.rows / s.piece; k++) {
      if (formula === 'signgd') parts.push(ternaryGram(inputs[`lt${k}`]!, inputs[`rt${k}`]!));
      else parts.push(transposed(inputs[formula === 'sgd' ? `lg${k}` : `ls${k}`]!, inputs[`rg${k}`]!));
    }
    return { k: total(parts) };
  },
});

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

/** Joins the factors of several uses of one parameter along the tokens: `a` `[n, Σ T', in]`, `b` `[C, n, out, Σ T']`. */
export const joinTokensProgram = (uses: readonly FactorShape[], s: Slicing): Program => ({
  name: `join tokens ${describe(s)}`,
  inputs: Object.assign({}, ...uses.map((f, i) => factorSpecs(`${i}`, f, s))) as Record<string, TensorSpec>,
  build: (inputs) => ({
    a: tf.concat(
      uses.map((_, i) => inputs[`a${i}`]!),
      1,
    ),
    b: tf.concat(
      uses.map((_, i) => inputs[`b${i}`]!),
      3,
    ),
  }),
});

/** Sum of equally shaped gradients: a vector parameter that several stages use. */
export const sumProgram = (count: number, shape: readonly number[]): Program => ({
  name: `sum ${count}`,
  inputs: Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`v${i}`, { dtype: 'float32', shape }] as const),
  ),
  build: (inputs) => ({ v: total(Object.values(inputs)) }),
});
