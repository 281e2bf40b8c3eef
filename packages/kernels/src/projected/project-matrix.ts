import type { NDArray } from '@ntk-lens/core';
import {
  defineProgram,
  type Program,
  type Resident,
  type Runtime,
  type TensorSpec,
  type tf,
} from '@ntk-lens/engine';
import { partKey } from '@ntk-lens/models';
import {
  type FactorShape,
  factorSpecs,
  factorsOf,
  type MatrixSize,
  shapeOfFactors,
} from '../contract/matrix-shapes.js';
import type { MatrixParameter } from '../factors/active-parameters.js';
import { gradientRows } from '../factors/gradient-rows.js';
import type { MatrixFactors } from '../factors/stage-factors.js';
import type { GradientProjection, ParameterRange } from './gradient-projection.js';

// Formed gradients of a batch, before they are projected.
const SLICE_BYTES = 32 * 2 ** 20;

interface SliceSettings {
  readonly shape: FactorShape;
  readonly size: MatrixSize;
  readonly inFirst: boolean;
  readonly from: number;
  readonly count: number;
  readonly projection: ProjectionProgram;
}

/** A projection's program, which stands for itself in the identity of those that contain it. */
interface ProjectionProgram {
  readonly identity: string;
  readonly program: Program;
}

/** Forms rows of the gradients of a batch and projects them, `[C·n, size]`. */
const projectRows = defineProgram('project gradient rows', {
  inputs: ({ shape, size, projection }: SliceSettings) => {
    const { g: _, ...constants } = projection.program.inputs;
    return {
      factors: factorSpecs(shape, size),
      constants: constants as Readonly<Record<string, TensorSpec>>,
    };
  },
  build: ({ factors, constants }, { inFirst, from, count, projection }) => {
    const { p } = projection.program.build({ ...constants, g: gradientRows(factors, inFirst, from, count) });
    return { p: p as tf.Tensor };
  },
});

/**
 * Forms the gradients of a matrix slice by slice and projects them.
 *
 * @param take gets each slice's `[C·n, size]` of a batch
 */
export const projectMatrix = async (
  runtime: Runtime,
  projection: GradientProjection,
  { ref, inSize, outSize, inFirst }: MatrixParameter,
  batches: readonly MatrixFactors[],
  take: (batch: MatrixFactors, sums: NDArray) => void,
): Promise<void> => {
  const [rows, width] = inFirst ? [inSize, outSize] : [outSize, inSize];
  const gradients = Math.max(...batches.map(({ outputs, n }) => outputs * n));
  const most = Math.max(1, Math.floor(SLICE_BYTES / (4 * width * gradients)));
  for (let from = 0; from < rows; from += most) {
    const count = Math.min(most, rows - from);
    const range: ParameterRange = { key: partKey(ref), parameter: ref.name, row: from, rows: count, width };
    const constants = await uploadAll(runtime, projection.constants(range));
    for (const batch of batches) {
      const program = projection.program(range, batch.outputs * batch.n);
      const sliced = projectRows({
        ...{ shape: shapeOfFactors(batch), size: { inSize, outSize }, inFirst, from, count },
        projection: { identity: program.identity ?? program.name, program },
      });
      const { p } = await sliced.compute(runtime, { factors: factorsOf(batch), constants });
      take(batch, p);
    }
    runtime.release(Object.values(constants));
  }
};

const uploadAll = async (
  runtime: Runtime,
  arrays: Readonly<Record<string, NDArray<'float32'>>>,
): Promise<Record<string, Resident>> =>
  Object.fromEntries(
    await Promise.all(
      Object.entries(arrays).map(async ([name, array]) => [name, await runtime.upload(array)] as const),
    ),
  );
