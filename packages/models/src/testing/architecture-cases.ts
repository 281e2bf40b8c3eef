import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type EncodedExample, type NDArray, ndarray } from '@ntk-lens/core';
import { architectureOf } from '../architectures/registry.js';
import { parseModelConfig } from '../config/parse-model-config.js';
import { causalExample } from '../forward/causal-example.js';

/** Formulas of the stored kernels. */
type Formula = 'sgd' | 'signgd' | 'a-signgd';

/** Folder of the tiny models. */
export const architectureRoot = fileURLToPath(new URL('../../fixtures/architectures', import.meta.url));

/** Names of the tiny models that tooling/reference/make_architectures.py makes. */
export const architectureNames: readonly string[] = readdirSync(architectureRoot)
  .filter((name) => !name.includes('.'))
  .sort();

/** A tiny model and what transformers computes for it. */
export interface ArchitectureCase {
  readonly directory: string;
  /** As the model reads them: cut before the mask for causal models. */
  readonly examples: readonly EncodedExample[];
  readonly labelWordIds: readonly number[];
  readonly logits: NDArray<'float64'>;
  readonly hidden: { readonly mean: NDArray<'float64'>; readonly readout: NDArray<'float64'> };
  /** `[n, C, n, C]`, all parameters. */
  readonly kernels: Readonly<Record<Formula, NDArray<'float64'>>>;
  /** Gradient coordinates whose sign float32 may see differently. */
  readonly nearZero: number;
  /** Parameter → squared gradients, summed over examples and logits. */
  readonly squaredNorms: Readonly<Record<string, number>>;
}

interface StoredArray {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

const isStoredArray = (value: unknown): value is StoredArray =>
  typeof value === 'object' && value !== null && 'shape' in value && 'data' in value;

/** Reads a case; arrays in the file become NDArrays. */
export const architectureCase = (name: string): ArchitectureCase => {
  const directory = `${architectureRoot}/${name}`;
  const revive = (_: string, value: unknown): unknown =>
    isStoredArray(value) ? ndarray(Float64Array.from(value.data), value.shape) : value;
  const stored = JSON.parse(readFileSync(`${directory}/case.json`, 'utf8'), revive) as Omit<
    ArchitectureCase,
    'directory'
  >;
  const config = parseModelConfig(JSON.parse(readFileSync(`${directory}/config.json`, 'utf8')));
  const causal = architectureOf(config).objective === 'causal';
  return { ...stored, examples: causal ? stored.examples.map(causalExample) : stored.examples, directory };
};

/** Largest |a − b| over all elements. */
export const largestDifference = (a: NDArray, b: NDArray): number => {
  if (String(a.shape) !== String(b.shape)) throw new Error(`Shapes [${a.shape}] and [${b.shape}] differ.`);
  let largest = 0;
  for (const [i, value] of b.data.entries()) largest = Math.max(largest, Math.abs(a.data[i]! - value));
  return largest;
};

/** ‖a − b‖ / ‖b‖, Frobenius. */
export const relativeDifference = (a: NDArray, b: NDArray): number => {
  if (String(a.shape) !== String(b.shape)) throw new Error(`Shapes [${a.shape}] and [${b.shape}] differ.`);
  let [difference, size] = [0, 0];
  for (const [i, value] of b.data.entries()) {
    difference += (a.data[i]! - value) ** 2;
    size += value ** 2;
  }
  return Math.sqrt(difference / size);
};
