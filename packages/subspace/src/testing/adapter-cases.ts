import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type EncodedExample, type NDArray, ndarray } from '@ntk-lens/core';

const root = fileURLToPath(new URL('../../fixtures/adapters', import.meta.url));
const models = fileURLToPath(new URL('../../../models/fixtures/architectures', import.meta.url));

/** Adapters that tooling/reference/make_subspace_oracle.py makes. */
export const adapterNames: readonly string[] = readdirSync(root).sort();

/** Directory of a tiny model. */
export const tinyModel = (name: string): string => `${models}/${name}`;

/** An adapter of a tiny model, and what PEFT and float64 gradients say of it. */
export interface AdapterCase {
  readonly directory: string;
  readonly modelDirectory: string;
  readonly model: string;
  readonly examples: readonly EncodedExample[];
  readonly labelWordIds: readonly number[];
  readonly logits: NDArray;
  readonly kernels: Readonly<Record<'sgd' | 'signgd', NDArray>>;
  /** Gradient coordinates whose sign float32 may see differently. */
  readonly nearZero: number;
}

export const adapterCase = (name: string): AdapterCase => {
  const revive = (_: string, value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || !('shape' in value && 'data' in value)) return value;
    return ndarray(Float64Array.from(value.data as number[]), value.shape as number[]);
  };
  const stored = JSON.parse(readFileSync(`${root}/${name}/case.json`, 'utf8'), revive) as Omit<
    AdapterCase,
    'directory' | 'modelDirectory'
  >;
  return { ...stored, directory: `${root}/${name}`, modelDirectory: tinyModel(stored.model) };
};
