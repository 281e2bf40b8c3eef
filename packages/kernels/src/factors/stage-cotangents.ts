import { type Resident, type TensorSpec, tf } from '@ntk-lens/engine';
import type { StageDims } from './stage-programs.js';

// Cotangents between stages: a tensor for each output f, named `dy<f>` where it enters a stage from above and `dx<f>`
// where it leaves below.

/** Specs of the cotangents that {@link outputCotangents} takes: `dy<f>` `[…output]` for each output f, but for the head. */
export const cotangentSpecs = (
  { readouts }: StageDims,
  isHead: boolean,
  output: readonly number[],
): Record<string, TensorSpec> =>
  isHead
    ? {}
    : Object.fromEntries(readouts.map((_, f) => [`dy${f}`, { dtype: 'float32', shape: output }] as const));

/** Cotangents that the stage above left, as inputs `dy<f>`. */
export const cotangentInputs = (cotangents: readonly Resident[]): Record<string, Resident> =>
  Object.fromEntries(cotangents.map((cotangent, f) => [`dy${f}`, cotangent] as const));

/** Cotangents `dx<f>` of a stage's input, as outputs of a program. */
export const cotangentOutputs = (dxs: readonly tf.Tensor[]): Record<string, tf.Tensor> =>
  Object.fromEntries(dxs.map((dx, f) => [`dx${f}`, dx] as const));

/** Takes {@link cotangentOutputs} out of what a program gave: the cotangents, and the rest. */
export const splitCotangents = <T>(
  outputs: Readonly<Record<string, T>>,
): { readonly dxs: readonly T[]; readonly rest: Readonly<Record<string, T>> } => {
  const dxs: T[] = [];
  const rest = { ...outputs };
  for (let name = 'dx0'; name in rest; name = `dx${dxs.length}`) {
    dxs.push(rest[name]!);
    delete rest[name];
  }
  return { dxs, rest };
};

/** Cotangent of a stage's output for each f: read-outs at the head, else what the stage above left in `dy<f>`. */
export const outputCotangents = (
  inputs: Readonly<Record<string, tf.Tensor>>,
  { readouts, n }: StageDims,
  isHead: boolean,
): tf.Tensor[] =>
  readouts.map((readout, f) => (isHead ? tf.tile(tf.tensor2d([[...readout]]), [n, 1]) : inputs[`dy${f}`]!));
