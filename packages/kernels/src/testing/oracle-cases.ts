import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { decodeNpy, type EncodedExample, type NDArray, sizeOf } from '@ntk-lens/core';
import type { FormulaName } from '../formulas/index.js';

const root = fileURLToPath(new URL('../../fixtures/oracle', import.meta.url));

/** Tiny models with kernels from float64 Jacobians, made by tooling/reference/make_kernel_oracle.py. */
export const oracleNames: readonly string[] = readdirSync(root).sort();

/** A tiny model, examples, and what their kernels are. */
export interface OracleCase {
  readonly directory: string;
  readonly examples: readonly EncodedExample[];
  /** Three; the kernel of the first two is a block of theirs. */
  readonly labelWordIds: readonly number[];
  readonly parameters: readonly string[];
  readonly keyBiases: readonly string[];
  readonly sizes: Readonly<Record<string, number>>;
  /** Subset name → parameter names. */
  readonly subsets: Readonly<Record<string, readonly string[]>>;
  /** The smallest gradient in units of float32's error, and how many are below that error. */
  readonly nearZero: { readonly margin: number; readonly count: number };
  /** `[n, 3]`. */
  readonly logits: NDArray;
  /** `[n, 3, n, 3]`, or `[n, 1, n, 1]` of logit 1 − logit 0, of one parameter alone. */
  kernel(formula: FormulaName, parameter: string, binary?: boolean): NDArray;
  /** The kernel of all parameters of a subset. */
  total(formula: FormulaName, subset: string): NDArray;
  /** The kernel of the word embeddings alone when the decoder is the same parameter. */
  tied(formula: FormulaName, binary?: boolean): NDArray;
}

export const oracleCase = (name: string): OracleCase => {
  const directory = `${root}/${name}`;
  const stored = JSON.parse(readFileSync(`${directory}/case.json`, 'utf8')) as Pick<
    OracleCase,
    'examples' | 'labelWordIds' | 'parameters' | 'keyBiases' | 'sizes' | 'subsets' | 'nearZero'
  >;
  const known = new Map<string, NDArray>();
  const read = (file: string): NDArray => {
    const array = known.get(file) ?? decodeNpy(readFileSync(`${directory}/${file}.npy`));
    known.set(file, array);
    return array;
  };
  const n = stored.examples.length;
  const square = (binary: boolean) => (binary ? [n, 1, n, 1] : [n, 3, n, 3]);
  const slice = (array: NDArray, index: number, shape: readonly number[]): NDArray => {
    if (index < 0) throw new Error('The oracle has no such kernel.');
    const size = sizeOf(shape);
    const data = Float64Array.from(array.data.subarray(index * size, (index + 1) * size));
    return { dtype: 'float64', shape, data };
  };
  return {
    ...stored,
    directory,
    logits: read('logits'),
    kernel: (formula, parameter, binary = false) =>
      slice(
        read(`${formula}${binary ? '-binary' : ''}`),
        stored.parameters.indexOf(parameter),
        square(binary),
      ),
    total: (formula, subset) =>
      slice(read(`${formula}-total`), Object.keys(stored.subsets).indexOf(subset), square(false)),
    tied: (formula, binary = false) =>
      slice(read(`${formula}${binary ? '-binary' : ''}-tied`), 0, square(binary)),
  };
};
