import { type NDArray, ndarray } from '@ntk-lens/core';
import type { Resident } from '@ntk-lens/engine';
import { type Stage, type StageWeights, uploadStageWeights } from '@ntk-lens/models';
import { cotangentInputs, splitCotangents } from '../factors/stage-cotangents.js';
import type { ExampleBatch } from '../pass/example-batch.js';
import { dimsOf, weightInputs } from '../pass/forward-pass.js';
import type { PassContext } from '../pass/kernel-context.js';
import { contractionProgram, cotangentProgram } from './derivative-programs.js';
import { isWordTable, type MovingSite } from './moving-sites.js';
import type { WeightDirection } from './weight-direction.js';

/** A direction's part of one stage. */
interface ResidentDirection {
  readonly weights: StageWeights;
  /** Rows of word tables for each batch, by input name: `d:<site>.rows`. */
  readonly rows: ReadonlyMap<ExampleBatch, Readonly<Record<string, NDArray<'float32'>>>>;
}

/** One stage's part of ⟨∇f, v⟩ for several directions v, batch by batch. */
export class StageDerivatives {
  readonly #context: PassContext;
  readonly #index: number;
  readonly #moving: readonly MovingSite[];
  /** The stage with those weights alone that move as a whole. */
  readonly #own: Stage;
  readonly #directions: ResidentDirection[] = [];

  private constructor(context: PassContext, index: number, moving: readonly MovingSite[]) {
    this.#context = context;
    this.#index = index;
    this.#moving = moving;
    const weights = moving
      .filter(({ site }) => !isWordTable(site))
      .flatMap(({ site, parts }) => [...parts].map(([part, ref]) => [`${site.name}.${part}`, ref] as const));
    this.#own = { ...context.stages[index]!, weights: Object.fromEntries(weights) };
  }

  /** Reads the directions' parts of a stage and uploads them; of word tables only the rows of the batches. */
  static async open(
    context: PassContext,
    index: number,
    moving: readonly MovingSite[],
    directions: readonly WeightDirection[],
    batches: readonly ExampleBatch[],
  ): Promise<StageDerivatives> {
    const stage = new StageDerivatives(context, index, moving);
    try {
      for (const { read } of directions) {
        const rows = new Map(batches.map((batch) => [batch, {} as Record<string, NDArray<'float32'>>]));
        for (const { site, parts } of moving.filter((one) => isWordTable(one.site))) {
          const table = await read(parts.get('table')!.name);
          for (const batch of batches) rows.get(batch)![`d:${site.name}.rows`] = wordRows(table, batch);
        }
        const source = { read, storedName: (name: string) => name };
        stage.#directions.push({
          weights: await uploadStageWeights(context.runtime, source, [stage.#own]),
          rows,
        });
      }
      return stage;
    } catch (error) {
      stage.release();
      throw error;
    }
  }

  /** Adds the stage's part of a batch to `[n, C]` of each direction; leaves the cotangents for the stage below. */
  async take(batch: ExampleBatch, wantsInput: boolean, into: readonly NDArray<'float64'>[]): Promise<void> {
    const { runtime, stages } = this.#context;
    const index = this.#index;
    const stage = stages[index]!;
    const isHead = index === stages.length - 1;
    const state = batch.states[index];
    const above = batch.cotangents;
    const kept = batch.kept[index] ?? {};
    const program = cotangentProgram(
      stage,
      dimsOf(this.#context, stage, batch, state),
      this.#moving,
      isHead,
      isHead ? [] : above[0]!.shape,
      wantsInput,
      Object.fromEntries(Object.entries(kept).map(([site, { shape }]) => [site, shape])),
    );
    const outputs = await runtime.run(program, {
      ...weightInputs(this.#context, stage),
      ...batch.side,
      ...(state && { x: state }),
      ...Object.fromEntries(Object.entries(kept).map(([site, tensor]) => [`r:${site}`, tensor])),
      ...cotangentInputs(above),
    });
    runtime.release([...(state ? [state] : []), ...above, ...Object.values(kept)]);
    batch.states[index] = undefined;
    batch.kept[index] = {};
    const { dxs, rest: factors } = splitCotangents(outputs);
    batch.cotangents = dxs;
    if (this.#moving.length > 0)
      for (const [k, direction] of this.#directions.entries())
        await this.#contract(batch, factors, direction, into[k]!);
    runtime.release(Object.values(factors));
  }

  async #contract(
    batch: ExampleBatch,
    factors: Readonly<Record<string, Resident>>,
    { weights, rows }: ResidentDirection,
    into: NDArray<'float64'>,
  ): Promise<void> {
    const { runtime, readouts } = this.#context;
    const inputs: Record<string, Resident> = { ...factors };
    for (const [local, tensor] of Object.entries(weights.of(this.#own))) inputs[`d:${local}`] = tensor;
    for (const { site } of this.#moving) {
      if (site.kind === 'embedding' && (site.ids === 'positions' || site.ids === 'types'))
        inputs[site.ids] = batch.side[site.ids];
    }
    const uploaded: Resident[] = [];
    for (const [name, array] of Object.entries(rows.get(batch)!)) {
      const tensor = await runtime.upload(array);
      uploaded.push(tensor);
      inputs[name] = tensor;
    }
    const shapes = Object.fromEntries(Object.entries(inputs).map(([name, { shape }]) => [name, shape]));
    const { j } = await runtime.compute(contractionProgram(this.#moving, shapes), inputs);
    runtime.release(uploaded);
    const [outputs, n, size] = j!.shape as [number, number, number];
    for (let c = 0; c < outputs; c++) {
      for (const [row, i] of batch.indices.entries()) {
        let sum = 0;
        for (let s = 0; s < size; s++) sum += j!.data[(c * n + row) * size + s]!;
        into.data[i * readouts.length + c]! += sum;
      }
    }
  }

  release(): void {
    for (const { weights } of this.#directions) weights.release();
    this.#directions.length = 0;
  }
}

/** Rows of a table for the tokens of a batch, `[n, T, d]`; zero at padding, which has no cotangent. */
const wordRows = ({ data, shape }: NDArray<'float32'>, { ids, length }: ExampleBatch): NDArray<'float32'> => {
  const width = shape[1]!;
  const rows = new Float32Array(ids.length * length * width);
  for (const [i, tokens] of ids.entries()) {
    for (const [t, id] of tokens.entries())
      rows.set(data.subarray(id * width, (id + 1) * width), (i * length + t) * width);
  }
  return ndarray(rows, [ids.length, length, width]);
};
