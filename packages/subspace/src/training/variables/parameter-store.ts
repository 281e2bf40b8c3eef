import { type LongTaskOptions, type NDArray, throwIfCancelled } from '@ntk-lens/core';
import { defineProgram, type Resident, type Runtime, tf } from '@ntk-lens/engine';
import { type LanguageModel, type Stage, takePart } from '@ntk-lens/models';
import type { Variable, VariablePlan, WeightUse } from './plan-variables.js';

/** The part of a stored tensor that a variable is. */
export const partOf = ({
  rows,
  range,
}: Variable): { rows: readonly number[] } | NonNullable<Variable['range']> | undefined =>
  rows ? { rows } : range;

const gatherRows = defineProgram('gather rows', {
  inputs: ({ shape }: { readonly shape: readonly number[]; readonly places: readonly number[] }) => ({
    table: { dtype: 'float32', shape } as const,
  }),
  build: ({ table }, { places }) => ({ rows: tf.gather(table, tf.tensor1d([...places], 'int32')) }),
});

const joinRows = defineProgram('join rows', {
  inputs: ({ above, below }: { readonly above: readonly number[]; readonly below: readonly number[] }) => ({
    above: { dtype: 'float32', shape: above } as const,
    below: { dtype: 'float32', shape: below } as const,
  }),
  build: ({ above, below }) => ({ rows: tf.concat([above, below], 0) }),
});

/** Every weight of a model in a runtime's memory: each variable once, frozen weights once. */
export class ParameterStore {
  readonly #runtime: Runtime;
  readonly #plan: VariablePlan;
  readonly #values = new Map<string, Resident>();
  readonly #frozen = new Map<string, Resident>();
  /** Rows of a trained word table that only evaluation reads. */
  readonly #otherRows = new Map<string, Resident>();
  /** Made from variables; dropped when these change. */
  readonly #views = new Map<WeightUse, Resident>();

  private constructor(runtime: Runtime, plan: VariablePlan) {
    this.#runtime = runtime;
    this.#plan = plan;
  }

  /**
   * Reads and uploads the weights; a stored tensor is read once.
   *
   * @throws NonFiniteWeightError; CancelledError
   */
  static async open(
    runtime: Runtime,
    model: Pick<LanguageModel, 'read' | 'storedName'>,
    plan: VariablePlan,
    options: LongTaskOptions = {},
  ): Promise<ParameterStore> {
    const store = new ParameterStore(runtime, plan);
    try {
      await store.#load(model, options);
      return store;
    } catch (error) {
      store.release();
      throw error;
    }
  }

  async #load(
    model: Pick<LanguageModel, 'read' | 'storedName'>,
    { signal, onProgress }: LongTaskOptions,
  ): Promise<void> {
    const words = [...this.#plan.wordRows.keys()];
    const otherWords = words.slice(this.#plan.trainedWords);
    const wanted = new Map<
      string,
      { name: string; take: [Map<string, Resident>, string, Parameters<typeof takePart>[1]][] }
    >();
    const want = (
      stored: string,
      name: string,
      into: Map<string, Resident>,
      key: string,
      part: Parameters<typeof takePart>[1],
    ) => {
      const entry = wanted.get(stored) ?? { name, take: [] };
      wanted.set(stored, entry);
      if (!entry.take.some(([map, other]) => map === into && other === key))
        entry.take.push([into, key, part]);
    };
    for (const stage of this.#plan.stages) {
      for (const [local, use] of Object.entries(this.#plan.uses.get(stage.name)!)) {
        const { name } = stage.weights[local]!;
        const stored = model.storedName(name);
        if (use.kind === 'frozen') {
          want(stored, name, this.#frozen, use.key, use.words ? { rows: words } : use.ref.part);
        } else {
          const { variable } = use;
          want(stored, name, this.#values, variable.key, partOf(variable));
          if (use.kind === 'variable' && use.words && otherWords.length > 0)
            want(stored, name, this.#otherRows, variable.key, { rows: otherWords });
        }
      }
    }
    let done = 0;
    for (const { name, take } of wanted.values()) {
      throwIfCancelled(signal, 'Reading the weights');
      const array = await model.read(name);
      // Parts are copied before the whole is handed over to the runtime.
      take.sort(([, , a], [, , b]) => Number(a === undefined) - Number(b === undefined));
      const parts = take.map(([into, key, part]) => [into, key, takePart(array, part)] as const);
      for (const [into, key, part] of parts) into.set(key, await this.#runtime.upload(part));
      onProgress?.({ phase: 'weights', done: ++done, total: wanted.size, unit: 'tensors' });
    }
  }

  /** The value of a variable now; replaced by {@link set}. */
  value({ key }: Variable): Resident {
    const value = this.#values.get(key);
    if (!value) throw new Error(`Variable ${key} is not resident.`);
    return value;
  }

  /** Replaces a variable's value; the old one is released. */
  set({ key }: Variable, value: Resident): void {
    const old = this.#values.get(key);
    if (old) this.#runtime.release([old]);
    this.#values.set(key, value);
    this.#dropViews();
  }

  /** Copies a variable out. */
  async download(variable: Variable): Promise<NDArray<'float32'>> {
    return (await this.#runtime.download(this.value(variable))) as NDArray<'float32'>;
  }

  /**
   * A stage's weights by local name.
   *
   * @param evaluation word tables with the rows that only evaluation reads, too
   */
  async weightsOf(stage: Stage, evaluation = false): Promise<Readonly<Record<string, Resident>>> {
    const weights: Record<string, Resident> = {};
    for (const [local, use] of Object.entries(this.#plan.uses.get(stage.name)!)) {
      weights[local] = await this.#weight(use, evaluation);
    }
    return weights;
  }

  async #weight(use: WeightUse, evaluation: boolean): Promise<Resident> {
    if (use.kind === 'frozen') return this.#frozen.get(use.key)!;
    const value = this.value(use.variable);
    const below = evaluation ? this.#otherRows.get(use.variable.key) : undefined;
    if (use.kind === 'variable' && !(use.words && below)) return value;
    const known = this.#views.get(use);
    if (known) return known;
    const { rows } =
      use.kind === 'rows'
        ? await gatherRows({ shape: value.shape, places: use.places }).run(this.#runtime, { table: value })
        : await joinRows({ above: value.shape, below: below!.shape }).run(this.#runtime, {
            above: value,
            below: below!,
          });
    this.#views.set(use, rows);
    return rows;
  }

  #dropViews(): void {
    this.#runtime.release(this.#views.values());
    this.#views.clear();
  }

  release(): void {
    this.#dropViews();
    for (const map of [this.#values, this.#frozen, this.#otherRows]) {
      this.#runtime.release(map.values());
      map.clear();
    }
  }
}
