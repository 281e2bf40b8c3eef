import { type NDArray, ndarray, sizeOf } from '@ntk-lens/core';
import { type Resident, tf } from '@ntk-lens/engine';
import { defineBackward, rowsOf, type StageChain, usedSize, type Wanted } from '@ntk-lens/models';
import { type ActiveParameters, activeUses, type MatrixParameter } from '../factors/active-parameters.js';
import { ParameterSums } from '../factors/parameter-sums.js';
import type { ExampleBatch } from '../factors/stage-factors.js';
import { vectorGradient, vectorRows } from '../sites/index.js';
import type { VectorLengths } from '../sites/kernel-site.js';

interface SumSettings {
  readonly active: ActiveParameters;
  readonly lengths: VectorLengths;
  readonly wanted: Wanted;
}

/** Σ over examples and tokens of b aᵀ, as the matrix is stored, flat. */
const matrixSum = (a: tf.Tensor, b: tf.Tensor, { inFirst }: MatrixParameter): tf.Tensor => {
  const flat = (x: tf.Tensor) => x.reshape([-1, x.shape.at(-1)!]) as tf.Tensor2D;
  const [rows, columns] = inFirst ? [a, b] : [b, a];
  return tf.matMul(flat(rows), flat(columns), true).flatten();
};

/**
 * Gradients of one stage for a batch, summed over its examples, for every cotangent that comes from above. `dense` has those of
 * matrices and vectors side by side, `[k, P]`; `rows` the cotangents of word embeddings, `[k, n, T, d]`.
 */
export const gradientSums = defineBackward(
  'gradient sums',
  ({ activation, cotangents }, { active, lengths }: SumSettings) => {
    const { matrices, vectors, rows } = active;
    const [first] = [...matrices, ...vectors];
    const dense = Array.from(first ? cotangents(first.site.name) : [], (_, k) =>
      tf.concat([
        ...matrices.map((own) => matrixSum(activation(own.site.name), cotangents(own.site.name)[k]!, own)),
        ...vectors.map(({ uses }) =>
          uses
            .map((use) => {
              const { name } = use.site;
              return vectorGradient(use, cotangents(name)[k]!, activation(name), lengths).sum(0);
            })
            .reduce((sum, part) => sum.add(part)),
        ),
      ]),
    );
    return {
      dense: dense.length > 0 ? tf.stack(dense) : undefined,
      rows: rows.map(({ site }) => tf.stack([...cotangents(site.name)])),
    };
  },
);

/** The parameters whose gradients are summed. */
export interface SummedParameters {
  readonly active: readonly ActiveParameters[];
  readonly lengths: VectorLengths;
  /** Name under which the gradient of a parameter is added: a tied decoder counts as the word embeddings. */
  readonly nameOf: (parameter: string) => string;
  /** Shapes by name. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
}

/**
 * Jᵀ w for k vectors w: sums of weighted gradients over examples and outputs, in float32 within a batch and in float64 over
 * batches (docs/theory.md, Products with the kernel).
 */
export class GradientSums {
  readonly #own: SummedParameters;
  readonly #sums: readonly Map<string, ParameterSums<Float64Array>>[];

  constructor(own: SummedParameters, vectors: number) {
    this.#own = own;
    this.#sums = Array.from({ length: vectors }, () => new Map());
  }

  /** Name under which a parameter's gradient is added. */
  nameOf(parameter: string): string {
    return this.#own.nameOf(parameter);
  }

  /** Runs one stage backwards for a batch and adds its gradients; leaves the cotangents for the stage below. */
  async take(chain: StageChain, index: number, batch: ExampleBatch, wantsInput: boolean): Promise<void> {
    const { lengths } = this.#own;
    const active = this.#own.active[index]!;
    const sites = [...new Set(activeUses(active).map(({ site }) => site.name))];
    const wanted = { sites, weights: [], input: wantsInput };
    const made = await chain.backward(index, batch.running, gradientSums, { active, lengths, wanted });
    const tensors: Resident[] = [...(made.dense ? [made.dense] : []), ...made.rows];
    try {
      if (made.dense) this.#addDense(active, await chain.runtime.download(made.dense));
      for (const [i, { ref }] of active.rows.entries())
        this.#addRows(ref, await chain.runtime.download(made.rows[i]!), batch.ids);
    } finally {
      chain.runtime.release(tensors);
    }
  }

  /** The sums of the k-th vector of a parameter, in its shape: a fresh array. */
  read(k: number, parameter: string): NDArray<'float32'> {
    const { nameOf, shapes } = this.#own;
    const name = nameOf(parameter);
    const shape = shapes.get(name) ?? [];
    const whole = new Float32Array(sizeOf(shape));
    this.#sums[k]!.get(name)?.addTo(whole);
    return ndarray(whole, shape);
  }

  #of(k: number, ref: MatrixParameter['ref']): ParameterSums<Float64Array> {
    const name = this.#own.nameOf(ref.name);
    const known = this.#sums[k]!.get(name) ?? new ParameterSums(ref, (size) => new Float64Array(size));
    this.#sums[k]!.set(name, known);
    return known;
  }

  #addDense({ matrices, vectors }: ActiveParameters, { data, shape }: NDArray): void {
    const [vectorCount, width] = shape as [number, number];
    for (let k = 0; k < vectorCount; k++) {
      let at = k * width;
      const next = (count: number): Float32Array => {
        at += count;
        return data.subarray(at - count, at) as Float32Array;
      };
      for (const { ref, inFirst, inSize, outSize } of matrices) {
        const labels = rowsOf(ref);
        const into = this.#of(k, ref);
        if (labels) for (const id of labels) add(into.row(id), next(inFirst ? outSize : inSize));
        else add(into.part(ref, inSize * outSize), next(inSize * outSize));
      }
      for (const vector of vectors) {
        const { ref } = vector;
        const { row, rows, width: each } = vectorRows(vector, this.#own.lengths);
        const labels = rowsOf(ref);
        const into = this.#of(k, ref);
        if (labels) for (const id of labels) add(into.row(id), next(1));
        else add(into.part(ref, usedSize(ref)).subarray(row * each, (row + rows) * each), next(rows * each));
      }
    }
  }

  #addRows(ref: MatrixParameter['ref'], { data, shape }: NDArray, ids: readonly (readonly number[])[]): void {
    const [vectorCount, n, length, width] = shape as [number, number, number, number];
    for (let k = 0; k < vectorCount; k++) {
      const into = this.#of(k, ref);
      for (const [i, tokens] of ids.entries()) {
        for (const [t, id] of tokens.entries()) {
          const start = ((k * n + i) * length + t) * width;
          add(into.row(id), data.subarray(start, start + width) as Float32Array);
        }
      }
    }
  }
}

// By itself, so that it is compiled for these arrays alone.
const add = (into: Float64Array, values: Float32Array): void => {
  for (let i = 0; i < values.length; i++) into[i]! += values[i]!;
};
