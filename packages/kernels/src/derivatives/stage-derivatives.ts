import { type NDArray, ndarray } from '@ntk-lens/core';
import type { Resident } from '@ntk-lens/engine';
import {
  mapNamed,
  type Named,
  type ResidentWeights,
  type Stage,
  type StageChain,
  uploadStageWeights,
} from '@ntk-lens/models';
import type { ExampleBatch } from '../factors/stage-factors.js';
import type { WeightDirection } from '../formulas/weight-direction.js';
import { gradientForm } from '../sites/index.js';
import {
  contractDirection,
  cotangentProgram,
  type MovingSite,
  type SiteFactors,
} from './derivative-programs.js';

/** A direction's part of one stage. */
interface ResidentDirection {
  readonly weights: ResidentWeights;
  /** For each batch, the rows of word tables for its tokens, by local name. */
  readonly rows: ReadonlyMap<ExampleBatch, ReadonlyMap<string, NDArray<'float32'>>>;
}

/** One stage's part of ⟨∇f, v⟩ for several directions v, batch by batch. */
export class StageDerivatives {
  readonly #chain: StageChain;
  readonly #index: number;
  readonly #moving: readonly MovingSite[];
  /** The stage with those weights alone that move as a whole. */
  readonly #own: Stage;
  readonly #directions: ResidentDirection[] = [];

  private constructor(chain: StageChain, index: number, moving: readonly MovingSite[]) {
    this.#chain = chain;
    this.#index = index;
    this.#moving = moving;
    const whole = moving.flatMap(({ parameters }) =>
      parameters.filter((parameter) => gradientForm(parameter) !== 'rows'),
    );
    const weights = Object.fromEntries(whole.map(({ local, ref }) => [local, ref] as const));
    this.#own = { ...chain.stages[index]!, weights };
  }

  /** Reads the directions' parts of a stage and uploads them; of word tables only the rows of the batches. */
  static async open(
    chain: StageChain,
    index: number,
    moving: readonly MovingSite[],
    directions: readonly WeightDirection[],
    batches: readonly ExampleBatch[],
  ): Promise<StageDerivatives> {
    const stage = new StageDerivatives(chain, index, moving);
    const tables = moving.flatMap(({ parameters }) =>
      parameters.filter((parameter) => gradientForm(parameter) === 'rows'),
    );
    try {
      for (const { read } of directions) {
        const rows = new Map(batches.map((batch) => [batch, new Map<string, NDArray<'float32'>>()]));
        for (const { local, ref } of tables) {
          const table = await read(ref.name);
          for (const [batch, own] of rows) own.set(local, wordRows(table, batch));
        }
        const source = { read, storedName: (name: string) => name };
        const weights = await uploadStageWeights(chain.runtime, source, [stage.#own]);
        stage.#directions.push({ weights, rows });
      }
      return stage;
    } catch (error) {
      stage.release();
      throw error;
    }
  }

  /** Adds the stage's part of a batch to `[n, C]` of each direction; leaves the cotangents for the stage below. */
  async take(batch: ExampleBatch, wantsInput: boolean, into: readonly NDArray<'float64'>[]): Promise<void> {
    const moving = this.#moving;
    const sites = moving.map(({ site }) => site.name);
    const wanted = { sites, weights: [], input: wantsInput };
    const made = await this.#chain.backward(this.#index, batch.running, cotangentProgram, { moving, wanted });
    if (moving.length > 0)
      for (const [k, direction] of this.#directions.entries())
        await this.#contract(batch, made.sites, direction, into[k]!);
    this.#chain.runtime.release(made.sites.flatMap(({ a, b }) => (a ? [a, b] : [b])));
  }

  async #contract(
    batch: ExampleBatch,
    factors: readonly SiteFactors<Resident>[],
    { weights, rows }: ResidentDirection,
    into: NDArray<'float64'>,
  ): Promise<void> {
    const { runtime } = this.#chain;
    const uploaded: Resident[] = [];
    const words = new Map<string, Resident>();
    for (const [local, array] of rows.get(batch) ?? []) {
      const tensor = await runtime.upload(array);
      uploaded.push(tensor);
      words.set(local, tensor);
    }
    const own = weights.of(this.#own);
    const directions = this.#moving.map(
      ({ parameters }): Named<Resident> =>
        Object.fromEntries(
          parameters.flatMap(({ role, local }) => {
            const tensor = own[local] ?? words.get(local);
            return tensor ? [[role, tensor] as const] : [];
          }),
        ),
    );
    const program = contractDirection({
      stage: { identity: this.#own.identity },
      moving: this.#moving,
      factors: factors.map(({ a, b }) => ({ b: specOf(b), a: a && specOf(a) })),
      directions: directions.map((one) => mapNamed(one, ({ shape }) => shape)),
    });
    const { j } = await program.compute(runtime, { factors, directions });
    runtime.release(uploaded);
    const [outputs, n, size] = j.shape as [number, number, number];
    for (let c = 0; c < outputs; c++) {
      for (const [row, i] of batch.indices.entries()) {
        let sum = 0;
        for (let s = 0; s < size; s++) sum += j.data[(c * n + row) * size + s]!;
        into.data[i * outputs + c]! += sum;
      }
    }
  }

  release(): void {
    for (const { weights } of this.#directions) weights.release();
    this.#directions.length = 0;
  }
}

const specOf = ({ shape }: Resident) => ({ dtype: 'float32', shape }) as const;

/** Rows of a table for the tokens of a batch, `[n, T, d]`; zero at padding, which has no cotangent. */
const wordRows = (
  { data, shape }: NDArray<'float32'>,
  { ids, running: { length } }: ExampleBatch,
): NDArray<'float32'> => {
  const width = shape[1]!;
  const rows = new Float32Array(ids.length * length * width);
  for (const [i, tokens] of ids.entries()) {
    for (const [t, id] of tokens.entries())
      rows.set(data.subarray(id * width, (id + 1) * width), (i * length + t) * width);
  }
  return ndarray(rows, [ids.length, length, width]);
};
