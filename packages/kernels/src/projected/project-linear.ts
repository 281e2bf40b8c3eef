import type { NDArray } from '@ntk-lens/core';
import { type Program, type Runtime, type TensorSpec, tf } from '@ntk-lens/engine';
import type { LinearFactors } from '../contract/contract-linear.js';
import type { GradientProjection, ParameterRange } from './gradient-projection.js';

// Formed gradients of a batch, before they are projected.
const SLICE_BYTES = 32 * 2 ** 20;

/** Rows `from … from + count` of the gradients of a weight as it is stored, `[C·n, count·width]`. */
const gradientRows = (
  a: tf.Tensor,
  b: tf.Tensor,
  inFirst: boolean,
  from: number,
  count: number,
): tf.Tensor => {
  const [outputs, n, length, outSize] = b.shape as [number, number, number, number];
  const inSize = a.shape[2]!;
  const activations = a.expandDims(0);
  if (inFirst) {
    const left = tf.slice(activations, [0, 0, 0, from], [1, n, length, count]).transpose([0, 1, 3, 2]);
    return tf.matMul(left.tile([outputs, 1, 1, 1]), b).reshape([outputs * n, count * outSize]);
  }
  const left = tf.slice(b, [0, 0, 0, from], [outputs, n, length, count]).transpose([0, 1, 3, 2]);
  return tf.matMul(left, activations.tile([outputs, 1, 1, 1])).reshape([outputs * n, count * inSize]);
};

const factorSpecs = ({ a, b }: LinearFactors): Record<string, TensorSpec> => ({
  a: { dtype: 'float32', shape: a.shape },
  b: { dtype: 'float32', shape: b.shape },
});

const sliceProgram = (
  factors: LinearFactors,
  inFirst: boolean,
  from: number,
  count: number,
  projection: Program,
): Program => {
  const { g: _, ...constants } = projection.inputs;
  return {
    name: `gradient rows ${from} ${count} ${inFirst} ${projection.name}`,
    inputs: { ...factorSpecs(factors), ...constants },
    build: ({ a, b, ...rest }) =>
      projection.build({ ...rest, g: gradientRows(a!, b!, inFirst, from, count) }),
  };
};

/**
 * Forms the gradients of a linear weight slice by slice and projects them.
 *
 * @param take gets each slice's `[C·n, size]` of a batch
 */
export const projectLinear = async (
  runtime: Runtime,
  projection: GradientProjection,
  site: { readonly key: string; readonly parameter: string; readonly inFirst: boolean },
  batches: readonly LinearFactors[],
  take: (batch: number, sums: NDArray) => void,
): Promise<void> => {
  const [first] = batches;
  const [inSize, outSize] = [first!.a.shape[2]!, first!.b.shape[3]!];
  const [rows, width] = site.inFirst ? [inSize, outSize] : [outSize, inSize];
  const gradients = Math.max(...batches.map(({ outputs, n }) => outputs * n));
  const most = Math.max(1, Math.floor(SLICE_BYTES / (4 * width * gradients)));
  for (let from = 0; from < rows; from += most) {
    const count = Math.min(most, rows - from);
    const { key, parameter } = site;
    const range: ParameterRange = { key, parameter, row: from, rows: count, width };
    const constants = await uploadAll(runtime, projection.constants(range));
    for (const [i, batch] of batches.entries()) {
      const projected = projection.program(range, batch.outputs * batch.n);
      const program = sliceProgram(batch, site.inFirst, from, count, projected);
      const { p } = await runtime.compute(program, { ...constants, a: batch.a, b: batch.b });
      take(i, p!);
    }
    runtime.release(Object.values(constants));
  }
};

const uploadAll = async (runtime: Runtime, arrays: Readonly<Record<string, NDArray<'float32'>>>) =>
  Object.fromEntries(
    await Promise.all(
      Object.entries(arrays).map(async ([name, array]) => [name, await runtime.upload(array)] as const),
    ),
  );
