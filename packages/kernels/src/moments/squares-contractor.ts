import { defineProgram, type Runtime, tf } from '@ntk-lens/engine';
import { type LocalParameter, rowsOf, usedSize } from '@ntk-lens/models';
import type { TableFactors } from '../contract/contract-rows.js';
import type { Contractor } from '../contract/contractor.js';
import {
  type FactorShape,
  factorSpecs,
  factorsOf,
  float,
  type MatrixSize,
  shapeOfFactors,
} from '../contract/matrix-shapes.js';
import type { Sides } from '../contract/pairs.js';
import { vectorRanges } from '../contract/shared-parameters.js';
import { WholeGradients, type WholeMatrix, type WholeVectors } from '../contract/whole-gradients.js';
import type { ActiveParameters } from '../factors/active-parameters.js';
import { gradientRows } from '../factors/gradient-rows.js';
import { ParameterSums } from '../factors/parameter-sums.js';
import type { BatchFactors } from '../factors/stage-factors.js';
import { vectorRows } from '../sites/index.js';
import type { VectorLengths } from '../sites/kernel-site.js';

/** Formed gradients of a batch, before they are squared and summed. */
const SLICE_BYTES = 32 * 2 ** 20;

interface MatrixSettings {
  readonly shape: FactorShape;
  readonly size: MatrixSize;
  readonly inFirst: boolean;
  readonly from: number;
  readonly count: number;
}

/** Σ over a batch of the squares of rows of a matrix gradient, as it is stored. */
const matrixSquares = defineProgram('matrix squares', {
  inputs: ({ shape, size }: MatrixSettings) => factorSpecs(shape, size),
  build: (factors, { inFirst, from, count }) => ({
    sums: tf.square(gradientRows(factors, inFirst, from, count)).sum(0),
  }),
});

/** Σ over a batch of the squares of vector gradients. */
const vectorSquares = defineProgram('vector squares', {
  inputs: ({ shape }: { readonly shape: readonly number[] }) => ({ v: float(shape) }),
  build: ({ v }) => ({ sums: tf.square(v).sum([0, 1]) }),
});

export interface SquaresOptions {
  readonly runtime: Runtime;
  readonly active: readonly ActiveParameters[];
  readonly lengths: VectorLengths;
  readonly tied: boolean;
}

/** Sums the squares of gradients over the rows' examples and outputs, parameter by parameter. */
export class SquaresContractor implements Contractor {
  /** By Hugging Face name. */
  readonly sums = new Map<string, ParameterSums<Float32Array>>();
  readonly #options: SquaresOptions;
  #gradients: WholeGradients;

  constructor(options: SquaresOptions) {
    this.#options = options;
    this.#gradients = this.#fresh();
  }

  async contract(index: number, factors: Sides<BatchFactors>): Promise<void> {
    const own = this.#options.active[index]!;
    for (const whole of await this.#gradients.matrices(own, factors)) {
      await this.#matrix(whole);
      this.#gradients.releaseMatrix(whole);
    }
    for await (const whole of this.#gradients.vectors(index, own, factors)) await this.#vectors(whole);
    for await (const { parameter, sides } of this.#gradients.tables(own, factors))
      for (const table of sides.rows) this.#table(parameter, table);
  }

  finish(): void {
    this.#gradients = this.#fresh();
  }

  #fresh(): WholeGradients {
    return new WholeGradients({ ...this.#options, padTo: this.#options.lengths.padTo });
  }

  #sumsOf({ ref }: LocalParameter): ParameterSums<Float32Array> {
    const known = this.sums.get(ref.name) ?? new ParameterSums(ref, (size) => new Float32Array(size));
    this.sums.set(ref.name, known);
    return known;
  }

  async #matrix({ parameter, sides }: WholeMatrix): Promise<void> {
    const { inSize, outSize, inFirst, ref } = parameter;
    const [rows, width] = inFirst ? [inSize, outSize] : [outSize, inSize];
    const labels = rowsOf(ref);
    const into = this.#sumsOf(parameter);
    for (const f of sides.rows) {
      const most = Math.max(1, Math.floor(SLICE_BYTES / (4 * width * f.n * f.outputs)));
      for (let from = 0; from < rows; from += most) {
        const count = Math.min(most, rows - from);
        const program = matrixSquares({
          shape: shapeOfFactors(f),
          size: { inSize, outSize },
          inFirst,
          from,
          count,
        });
        const { sums } = await program.compute(this.#options.runtime, factorsOf(f));
        for (let row = 0; row < count; row++) {
          const values = sums.data.subarray(row * width, (row + 1) * width);
          const start = (from + row) * width;
          if (labels) add(into.row(labels[from + row]!), values);
          else add(into.part(ref, rows * width).subarray(start, start + width), values);
        }
      }
    }
  }

  async #vectors({ parameters, sides }: WholeVectors): Promise<void> {
    const { runtime, lengths } = this.#options;
    const ranges = vectorRanges(parameters, lengths.padTo);
    for (const { v } of sides.rows) {
      const { sums } = await vectorSquares({ shape: v.shape }).compute(runtime, { v });
      for (const [i, parameter] of parameters.entries()) {
        const { ref } = parameter;
        const [start, size] = ranges[i]!;
        const { row, rows, width } = vectorRows(parameter, lengths);
        const values = sums.data.subarray(start, start + size);
        const labels = rowsOf(ref);
        const into = this.#sumsOf(parameter);
        if (labels) for (const [l, id] of labels.entries()) add(into.row(id), values.subarray(l, l + 1));
        else add(into.part(ref, usedSize(ref)).subarray(row * width, (row + rows) * width), values);
      }
      runtime.release([v]);
    }
  }

  #table(parameter: LocalParameter, { gradients }: TableFactors): void {
    const into = this.#sumsOf(parameter);
    for (const rows of gradients.flat())
      for (const [id, row] of rows)
        add(
          into.row(id),
          row.map((x) => x * x),
        );
  }
}

const add = (into: Float32Array, values: ArrayLike<number>): void => {
  for (let i = 0; i < into.length; i++) into[i]! += values[i]!;
};
