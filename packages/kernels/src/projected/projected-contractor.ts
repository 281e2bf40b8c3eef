import type { NDArray } from '@ntk-lens/core';
import type { ParameterRef } from '@ntk-lens/models';
import type { Accumulators } from '../contract/accumulators.js';
import type { LinearFactors } from '../contract/contract-linear.js';
import type { KernelAccumulator } from '../contract/kernel-accumulator.js';
import { SharedTensors } from '../contract/shared-tensors.js';
import { vectorSize } from '../factors/stage-programs.js';
import type { KernelContext } from '../pass/kernel-context.js';
import { partKey } from '../pass/shared-parameters.js';
import type { Contractor, StageFactors } from '../pass/stage-contractor.js';
import type { BatchFactors } from '../pass/stage-factors.js';
import type { GradientProjection, ParameterRange, ProjectedGradient } from './gradient-projection.js';
import { projectLinear } from './project-linear.js';
import { ProjectedSums } from './projected-sums.js';

interface Side {
  readonly sums: ProjectedSums;
  readonly examples: number;
}

/** Projects the gradients of all stages; the kernel is taken at the end, from their coordinates. */
export class ProjectedContractor implements Contractor {
  readonly #context: KernelContext;
  readonly #projection: GradientProjection;
  readonly #into: Accumulators;
  readonly #rows: Side;
  readonly #columns: Side;

  /** @param rows, columns numbers of examples */
  constructor(context: KernelContext, into: Accumulators, rows: number, columns: number) {
    const projection = context.projection!;
    const side = (examples: number): Side => ({
      examples,
      sums: new ProjectedSums(projection, examples * context.readouts.length),
    });
    this.#context = context;
    this.#projection = projection;
    this.#into = into;
    this.#rows = side(rows);
    this.#columns = side(columns);
  }

  async contract(index: number, factors: StageFactors): Promise<void> {
    for (const [side, batches] of [
      [this.#rows, factors.rows],
      [this.#columns, factors.columns],
    ] as const) {
      if (batches.length === 0) continue;
      await this.#linear(index, side, batches);
      for (const batch of batches) await this.#vectors(index, side, batch);
      this.#tables(index, side, batches);
    }
  }

  finish(): void {
    const into = this.#into.at('projection', 'projection');
    const { formula } = this.#context;
    const rows = this.#rows.sums.coordinates();
    const columns = this.#columns.sums.coordinates();
    const count = (side: Side) => [{ indices: Array.from({ length: side.examples }, (_, i) => i) }];
    const add = (
      to: KernelAccumulator,
      left: readonly Float64Array[],
      right: readonly Float64Array[],
      c: Side,
    ) => to.add(gram(left, right), count(this.#rows), count(c));
    const [rowSigns, columnSigns] = formula === 'sgd' ? [rows, columns] : [signs(rows), signs(columns)];
    const right = (plain: Float64Array[], signed: Float64Array[]) => (formula === 'signgd' ? signed : plain);
    if (into.self) add(into.self, rowSigns, right(rows, rowSigns), this.#rows);
    add(into.cross, rowSigns, right(columns, columnSigns), this.#columns);
    if (into.flipped) add(into.flipped, rows, columnSigns, this.#columns);
  }

  /** Gradients are numbered output-major over the whole side, as kernel blocks are. */
  #row(side: Side, output: number, example: number): number {
    return output * side.examples + example;
  }

  async #linear(index: number, side: Side, batches: readonly BatchFactors[]): Promise<void> {
    const { runtime } = this.#context;
    const shared = new SharedTensors(runtime);
    for (const { linear } of batches) shared.hold([...linear.values()].flatMap(({ a, b }) => [a, ...b]));
    for (const site of this.#context.active[index]!.linear) {
      const { weight, inFirst = false } = site;
      const factors = batches.map((batch) => batch.linear.get(site.name)!);
      if (weight.part && 'rows' in weight.part) {
        for (const f of factors) await this.#labelRows(weight, weight.part.rows, side, f);
      } else {
        const target = { key: partKey(weight), parameter: weight.name, inFirst };
        await projectLinear(runtime, this.#projection, target, factors, (batch, p) => {
          const { outputs, n, indices } = factors[batch]!;
          for (let c = 0; c < outputs; c++) {
            for (const [i, example] of indices.entries()) {
              const sum = side.sums.of(this.#row(side, c, example), weight.name);
              const start = (c * n + i) * sum.length;
              for (let k = 0; k < sum.length; k++) sum[k]! += p.data[start + k]!;
            }
          }
        });
      }
      shared.release(factors.flatMap(({ a, b }) => [a, ...b]));
    }
  }

  /** Decoder rows of the label words: each is its cotangent times the hidden state at the read-out. */
  async #labelRows(
    weight: ParameterRef,
    ids: readonly number[],
    side: Side,
    f: LinearFactors,
  ): Promise<void> {
    const { runtime } = this.#context;
    const hidden = await runtime.download(f.a);
    const cotangents = await Promise.all(f.b.map((b) => runtime.download(b)));
    const width = hidden.shape[2]!;
    for (const [l, id] of ids.entries()) {
      const gradients: ProjectedGradient[] = [];
      for (let c = 0; c < f.outputs; c++) {
        for (const [i, example] of f.indices.entries()) {
          const b = cotangents[c]!.data[i * ids.length + l]!;
          if (b === 0) continue;
          const h = hidden.data.subarray(i * width, (i + 1) * width) as Float32Array;
          gradients.push({
            values: h.map((x) => x * b),
            into: side.sums.of(this.#row(side, c, example), weight.name),
          });
        }
      }
      this.#add(weight, { row: id, rows: 1, width }, gradients);
    }
  }

  async #vectors(index: number, side: Side, batch: BatchFactors): Promise<void> {
    const { runtime, padTo, active } = this.#context;
    if (!batch.vectors) return;
    const v: NDArray = await runtime.download(batch.vectors);
    runtime.release([batch.vectors]);
    const [outputs, n, total] = v.shape as [number, number, number];
    let from = 0;
    for (const vector of active[index]!.vectors) {
      const { parameter, site } = vector;
      const size = vectorSize(vector, padTo);
      const gradients = (start: number, length: number): ProjectedGradient[] =>
        Array.from({ length: outputs * n }, (_, row) => ({
          values: v.data.subarray(
            row * total + from + start,
            row * total + from + start + length,
          ) as Float32Array,
          into: side.sums.of(this.#row(side, Math.floor(row / n), batch.indices[row % n]!), parameter.name),
        }));
      if (parameter.part && 'rows' in parameter.part) {
        for (const [l, id] of parameter.part.rows.entries())
          this.#add(parameter, { row: id, rows: 1, width: 1 }, gradients(l, 1));
      } else {
        const width = parameter.shape.length > 1 ? parameter.shape.at(-1)! : 1;
        const positions = site.kind === 'embedding' && site.ids === 'positions';
        const row = positions ? this.#firstPosition() : 0;
        this.#add(parameter, { row, rows: size / width, width }, gradients(0, size));
      }
      from += size;
    }
  }

  /** The first token's row in a position table. */
  #firstPosition(): number {
    const { config } = this.#context.model;
    return 'positionOffset' in config ? config.positionOffset : 0;
  }

  #tables(index: number, side: Side, batches: readonly BatchFactors[]): void {
    for (const site of this.#context.active[index]!.tables) {
      const byToken = new Map<number, ProjectedGradient[]>();
      for (const batch of batches) {
        for (const [c, examples] of batch.tables.get(site.name)!.entries()) {
          for (const [i, rows] of examples.entries()) {
            const into = side.sums.of(this.#row(side, c, batch.indices[i]!), site.table.name);
            for (const [id, values] of rows) {
              const known = byToken.get(id);
              if (known) known.push({ values, into });
              else byToken.set(id, [{ values, into }]);
            }
          }
        }
      }
      const width = site.table.shape[1]!;
      for (const [id, gradients] of byToken) this.#add(site.table, { row: id, rows: 1, width }, gradients);
    }
  }

  #add(
    parameter: ParameterRef,
    rows: Pick<ParameterRange, 'row' | 'rows' | 'width'>,
    gradients: readonly ProjectedGradient[],
  ): void {
    if (gradients.length === 0) return;
    const { part } = parameter;
    const key = part && 'rows' in part ? parameter.name : partKey(parameter);
    this.#projection.add({ key, parameter: parameter.name, ...rows }, gradients);
  }
}

const signs = (rows: readonly Float64Array[]): Float64Array[] => rows.map((row) => row.map(Math.sign));

/** Dot products of all pairs, `[left, right]`. */
const gram = (left: readonly Float64Array[], right: readonly Float64Array[]): Float64Array => {
  const block = new Float64Array(left.length * right.length);
  for (const [i, x] of left.entries()) {
    for (const [j, y] of right.entries()) {
      let [even, odd] = [0, 0];
      let k = 0;
      for (; k + 1 < x.length; k += 2) {
        even += x[k]! * y[k]!;
        odd += x[k + 1]! * y[k + 1]!;
      }
      if (k < x.length) even += x[k]! * y[k]!;
      block[i * right.length + j] = even + odd;
    }
  }
  return block;
};
