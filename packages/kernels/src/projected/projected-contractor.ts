import { type LocalParameter, type ParameterRef, partKey, rowsOf } from '@ntk-lens/models';
import type { Accumulators } from '../contract/accumulators.js';
import { tableGradients } from '../contract/contract-rows.js';
import type { Contractor } from '../contract/contractor.js';
import { pairs, type Sides } from '../contract/pairs.js';
import { SharedTensors } from '../contract/shared-tensors.js';
import type { ContractorOptions } from '../contract/stage-contractor.js';
import type { ActiveParameters, MatrixParameter } from '../factors/active-parameters.js';
import type { BatchFactors, MatrixFactors } from '../factors/stage-factors.js';
import { vectorRows, vectorSize } from '../sites/index.js';
import type { GradientProjection, ParameterRange, ProjectedGradient } from './gradient-projection.js';
import { projectMatrix } from './project-matrix.js';
import { ProjectedSums } from './projected-sums.js';

export interface ProjectedOptions extends ContractorOptions {
  readonly projection: GradientProjection;
  /** Examples of the tile. */
  readonly rows: number;
  readonly columns: number;
  /** C. */
  readonly outputs: number;
}

/** Projected gradients of the examples of one side of a tile. */
interface Side {
  readonly sums: ProjectedSums;
  readonly examples: number;
}

/** Projects the gradients of all stages; the kernel is taken at the end, from their coordinates. */
export class ProjectedContractor implements Contractor {
  readonly #options: ProjectedOptions;
  readonly #into: Accumulators;
  readonly #rows: Side;
  readonly #columns: Side;

  constructor(options: ProjectedOptions, into: Accumulators) {
    const side = (examples: number): Side => ({
      examples,
      sums: new ProjectedSums(options.projection, examples * options.outputs),
    });
    this.#options = options;
    this.#into = into;
    this.#rows = side(options.rows);
    this.#columns = side(options.columns);
  }

  async contract(index: number, factors: Sides<BatchFactors>): Promise<void> {
    const own = this.#options.active[index]!;
    for (const [side, batches] of [
      [this.#rows, factors.rows],
      [this.#columns, factors.columns],
    ] as const) {
      if (batches.length === 0) continue;
      await this.#matrices(own, side, batches);
      for (const batch of batches) await this.#vectors(own, side, batch);
      await this.#tables(own, side, batches);
    }
  }

  finish(): void {
    const into = this.#into.at('projection', 'projection');
    const { train, query } = this.#options.maps;
    const sideOf = ({ examples, sums }: Side) => {
      const plain = sums.coordinates();
      const by = (map: typeof train) => plain.map((row) => map.numbers(row, undefined));
      const trained = by(train);
      const indices = Array.from({ length: examples }, (_, i) => i);
      return { indices, train: trained, query: train === query ? trained : by(query) };
    };
    const [rows, columns] = [sideOf(this.#rows), sideOf(this.#columns)];
    for (const pair of pairs({ rows: [rows], columns: [columns] }, into.wanted)) {
      const { x, y, target } = pair;
      const flipped = into.flipped && target === 'cross' ? gram(x.query, y.train) : undefined;
      into.add(pair, { kernel: gram(x.train, y.query), flipped });
    }
    if (into.diagonal)
      into.addDiagonal(
        columns,
        columns.train.map((row, i) => dot(row, columns.query[i]!)),
      );
  }

  /** Gradients are numbered output-major over the whole side, as kernel panels are. */
  #row(side: Side, output: number, example: number): number {
    return output * side.examples + example;
  }

  async #matrices(own: ActiveParameters, side: Side, batches: readonly BatchFactors[]): Promise<void> {
    const { runtime, projection } = this.#options;
    const shared = new SharedTensors(runtime);
    for (const { matrices } of batches) shared.hold(matrices.flatMap(({ a, b }) => [a, ...b]));
    for (const [k, parameter] of own.matrices.entries()) {
      const { ref } = parameter;
      const factors = batches.map(({ matrices }) => matrices[k]!);
      const labels = rowsOf(ref);
      if (labels) for (const f of factors) await this.#labelRows(ref, labels, side, f);
      else
        await projectMatrix(runtime, projection, parameter, factors, ({ outputs, n, indices }, p) => {
          for (let c = 0; c < outputs; c++) {
            for (const [i, example] of indices.entries()) {
              const sum = side.sums.of(this.#row(side, c, example), ref.name);
              const start = (c * n + i) * sum.length;
              for (let j = 0; j < sum.length; j++) sum[j]! += p.data[start + j]!;
            }
          }
        });
      shared.release(factors.flatMap(({ a, b }) => [a, ...b]));
    }
  }

  /** Decoder rows of the label words: each is its cotangent times the hidden state at the read-out. */
  async #labelRows(
    ref: MatrixParameter['ref'],
    ids: readonly number[],
    side: Side,
    f: MatrixFactors,
  ): Promise<void> {
    const { runtime } = this.#options;
    const hidden = await runtime.download(f.a);
    const cotangents = await Promise.all(f.b.map((b) => runtime.download(b)));
    const width = hidden.shape[2] ?? 0;
    for (const [l, id] of ids.entries()) {
      const gradients: ProjectedGradient[] = [];
      for (const [c, { data }] of cotangents.entries()) {
        for (const [i, example] of f.indices.entries()) {
          const b = data[i * ids.length + l]!;
          if (b === 0) continue;
          const h = hidden.data.subarray(i * width, (i + 1) * width) as Float32Array;
          gradients.push({
            values: h.map((x) => x * b),
            into: side.sums.of(this.#row(side, c, example), ref.name),
          });
        }
      }
      this.#add(ref, { row: id, rows: 1, width }, gradients);
    }
  }

  async #vectors({ vectors }: ActiveParameters, side: Side, batch: BatchFactors): Promise<void> {
    const { runtime, lengths } = this.#options;
    if (!batch.vectors) return;
    const v = await runtime.download(batch.vectors);
    runtime.release([batch.vectors]);
    const [outputs, n, total] = v.shape as [number, number, number];
    let from = 0;
    for (const vector of vectors) {
      const { ref } = vector;
      const gradients = (start: number, length: number): ProjectedGradient[] =>
        Array.from({ length: outputs * n }, (_, row) => ({
          values: v.data.subarray(row * total + start, row * total + start + length) as Float32Array,
          into: side.sums.of(this.#row(side, Math.floor(row / n), batch.indices[row % n]!), ref.name),
        }));
      const labels = rowsOf(ref);
      const rows = vectorRows(vector, lengths);
      const size = vectorSize(vector, lengths.padTo);
      if (labels)
        for (const [l, id] of labels.entries())
          this.#add(ref, { row: id, rows: 1, width: 1 }, gradients(from + l, 1));
      else this.#add(ref, rows, gradients(from, size));
      from += size;
    }
  }

  async #tables(own: ActiveParameters, side: Side, batches: readonly BatchFactors[]): Promise<void> {
    for (const [k, parameter] of own.rows.entries()) {
      const byToken = new Map<number, ProjectedGradient[]>();
      for (const batch of batches) await this.#byToken(parameter, k, side, batch, byToken);
      const { ref } = parameter;
      for (const [id, gradients] of byToken)
        this.#add(ref, { row: id, rows: 1, width: ref.shape[1] ?? 1 }, gradients);
    }
  }

  async #byToken(
    { ref }: LocalParameter,
    k: number,
    side: Side,
    { indices, ids, rows: cotangents }: BatchFactors,
    byToken: Map<number, ProjectedGradient[]>,
  ): Promise<void> {
    const { runtime } = this.#options;
    const table = tableGradients(await runtime.download(cotangents[k]!), ids);
    runtime.release([cotangents[k]!]);
    for (const [c, examples] of table.entries()) {
      for (const [i, rows] of examples.entries()) {
        const into = side.sums.of(this.#row(side, c, indices[i]!), ref.name);
        for (const [id, values] of rows) {
          const known = byToken.get(id);
          if (known) known.push({ values, into });
          else byToken.set(id, [{ values, into }]);
        }
      }
    }
  }

  #add(
    ref: ParameterRef,
    rows: Pick<ParameterRange, 'row' | 'rows' | 'width'>,
    gradients: readonly ProjectedGradient[],
  ): void {
    if (gradients.length === 0) return;
    const key = rowsOf(ref) ? ref.name : partKey(ref);
    this.#options.projection.add({ key, parameter: ref.name, ...rows }, gradients);
  }
}

/** Dot products of all pairs, `[left, right]`. */
const gram = (left: readonly Float64Array[], right: readonly Float64Array[]): Float64Array => {
  const panel = new Float64Array(left.length * right.length);
  for (const [i, x] of left.entries())
    for (const [j, y] of right.entries()) panel[i * right.length + j] = dot(x, y);
  return panel;
};

const dot = (x: Float64Array, y: Float64Array): number => {
  let [even, odd] = [0, 0];
  let k = 0;
  for (; k + 1 < x.length; k += 2) {
    even += x[k]! * y[k]!;
    odd += x[k + 1]! * y[k + 1]!;
  }
  if (k < x.length) even += x[k]! * y[k]!;
  return even + odd;
};
