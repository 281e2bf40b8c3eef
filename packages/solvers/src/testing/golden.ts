import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { decodeNpy, type KernelSplit, ndarray, toFloat64 } from '@ntk-lens/core';

/** One run of the paper authors' solvers (scikit-learn 1.2.1, float64). */
export interface GoldenCase {
  readonly name: string;
  readonly solver: string;
  readonly options: {
    readonly reg?: number;
    readonly f0_scaling?: number;
    readonly gamma?: number;
    readonly lam?: number;
  };
  readonly f0: boolean;
  readonly predictions: readonly (readonly number[])[];
  readonly metrics: { readonly rank0?: number };
}

const path = (name: string): string => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));
const array = (name: string): Float64Array => toFloat64(decodeNpy(readFileSync(path(`${name}.npy`)))).data;

export const goldenCases = (JSON.parse(readFileSync(path('cases.json'), 'utf8')) as { cases: GoldenCase[] })
  .cases;

const binary = (labels: Float64Array): Int32Array => Int32Array.from(labels, (y) => (y + 1) / 2);

const split = (prefix: string, data: string, set: 'train' | 'test', logits: number): KernelSplit => {
  const kernel = array(`${prefix}${set}_kernel`);
  const labels = array(`${data}${set}_labels`);
  const queries = labels.length;
  const shape = [kernel.length / (queries * logits * logits), logits, queries, logits];
  const flipped = prefix === 'asym_' && set === 'test' ? array('asym_test_kernel_flipped') : undefined;
  return {
    kernel: ndarray<'float64'>(kernel, shape),
    flipped: flipped && ndarray<'float64'>(flipped, shape),
    logits: ndarray<'float64'>(array(`${data}${set}_f0`), [queries, logits]),
    labels: ndarray<'int32'>(logits === 1 ? binary(labels) : Int32Array.from(labels), [queries]),
  };
};

export type GoldenKind = 'binary' | 'multi' | 'asym';

/** Train and test splits of the golden cases. */
export const goldenSplit = (kind: GoldenKind, set: 'train' | 'test'): KernelSplit => {
  if (kind === 'multi') return split('multi_', 'multi_', set, 3);
  return split(kind === 'asym' ? 'asym_' : '', '', set, 1);
};
