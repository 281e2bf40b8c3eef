import type { NDArray } from '@ntk-lens/core';
import { type Program, type Runtime, tf } from '@ntk-lens/engine';
import type { LinearFactors } from '../contract/contract-linear.js';
import { factorInputs, factorSpecs, factorsOf, type SiteSize } from '../contract/gram-programs.js';
import type { GradientProjection, ParameterRange } from './gradient-projection.js';

// Formed gradients of a batch, before they are projected.
const SLICE_BYTES = 32 * 2 ** 20;

/** Rows `from … from + count` of the gradients of a weight as it is stored, `[C·n, count·width]`. */
const gradientRows = (
  { a, b }: { readonly a: tf.Tensor; readonly b: readonly tf.Tensor[] },
  inFirst: boolean,
  from: number,
  count: number,
): tf.Tensor => {
  const [n, length, inSize] = a.shape as [number, number, number];
  const rows = (x: tf.Tensor) => tf.slice(x, [0, 0, from], [n, length, count]);
  const perOutput = b.map((one) => {
    const gradient = inFirst ? tf.matMul(rows(a), one, true) : tf.matMul(rows(one), a, true);
    return gradient.reshape([n, count * (inFirst ? one.shape[2]! : inSize)]);
  });
  return perOutput.length === 1 ? perOutput[0]! : tf.concat(perOutput);
};

const sliceProgram = (
  factors: LinearFactors,
  size: SiteSize,
  inFirst: boolean,
  from: number,
  count: number,
  projection: Program,
): Program => {
  const { g: _, ...constants } = projection.inputs;
  return {
    name: `gradient rows ${from} ${count} ${inFirst} ${projection.name}`,
    inputs: { ...factorSpecs('', factors, size), ...constants },
    build: (inputs) =>
      projection.build({ ...inputs, g: gradientRows(factorsOf(inputs, '', factors), inFirst, from, count) }),
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
  const [inSize, outSize] = [first!.a.shape[2]!, first!.b[0]!.shape[2]!];
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
      const program = sliceProgram(batch, { inSize, outSize }, site.inFirst, from, count, projected);
      const { p } = await runtime.compute(program, { ...constants, ...factorInputs('', batch) });
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
