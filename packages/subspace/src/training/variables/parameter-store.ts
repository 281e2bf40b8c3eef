import { type LongTaskOptions, type NDArray, throwIfCancelled } from '@ntk-lens/core';
import { defineProgram, type Resident, type Runtime, tf } from '@ntk-lens/engine';
import {
  type LanguageModel,
  openStageWeights,
  type ParameterRef,
  readTensors,
  type Stage,
  type StageWeights,
  type WeightedStage,
} from '@ntk-lens/models';
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

export interface StoreOptions extends LongTaskOptions {
  /** Read frozen weights stage by stage, whenever they are needed. Default: they are resident. */
  readonly streamed?: boolean;
}

/** The part of a stored tensor that stays as it is. */
const frozenRef = (use: WeightUse, words: readonly number[]): ParameterRef | undefined => {
  if (use.kind !== 'frozen') return undefined;
  return use.words ? { ...use.ref, part: { rows: words } } : use.ref;
};

/** Stages with those of their weights that stay as they are. */
export const frozenStages = ({ stages, uses, wordRows }: VariablePlan): WeightedStage[] => {
  const words = [...wordRows.keys()];
  return stages.map(({ name }) => {
    const weights = Object.entries(uses.get(name)!).flatMap(([local, use]) => {
      const ref = frozenRef(use, words);
      return ref ? [[local, ref] as const] : [];
    });
    return { name, weights: Object.fromEntries(weights) };
  });
};

/** The weights of a model that is trained: each variable once in a runtime's memory, and frozen weights there or streamed. */
export class ParameterStore {
  readonly #runtime: Runtime;
  readonly #plan: VariablePlan;
  readonly #values = new Map<string, Resident>();
  #frozen: StageWeights | undefined;
  readonly #frozenStages: ReadonlyMap<string, WeightedStage>;
  /** Rows of a trained word table that only evaluation reads. */
  readonly #otherRows = new Map<string, Resident>();
  /** Made from variables; dropped when these change. */
  readonly #views = new Map<WeightUse, Resident>();

  private constructor(runtime: Runtime, plan: VariablePlan) {
    this.#runtime = runtime;
    this.#plan = plan;
    this.#frozenStages = new Map(frozenStages(plan).map((stage) => [stage.name, stage]));
  }

  /**
   * Reads and uploads the variables, and the frozen weights unless they are streamed.
   *
   * @throws NonFiniteWeightError; CancelledError
   */
  static async open(
    runtime: Runtime,
    model: Pick<LanguageModel, 'read' | 'storedName'>,
    plan: VariablePlan,
    options: StoreOptions = {},
  ): Promise<ParameterStore> {
    const store = new ParameterStore(runtime, plan);
    try {
      await store.#load(model, options);
      return store;
    } catch (error) {
      await store.release();
      throw error;
    }
  }

  async #load(
    model: Pick<LanguageModel, 'read' | 'storedName'>,
    { signal, onProgress, streamed = false }: StoreOptions,
  ): Promise<void> {
    const otherWords = [...this.#plan.wordRows.keys()].slice(this.#plan.trainedWords);
    const wanted = new Map<string, Map<string, ParameterRef>>();
    const into = new Map<string, readonly [Map<string, Resident>, string]>();
    const want = (target: Map<string, Resident>, variable: Variable, part: ParameterRef['part']) => {
      const { key, stored, storedShape: shape, parameter: name } = variable;
      const use = `${target === this.#values ? 'value' : 'other'} ${key}`;
      into.set(use, [target, key]);
      wanted.set(stored, (wanted.get(stored) ?? new Map()).set(use, { name, shape, part }));
    };
    for (const use of [...this.#plan.uses.values()].flatMap((uses) => Object.values(uses))) {
      if (use.kind === 'frozen') continue;
      want(this.#values, use.variable, partOf(use.variable));
      if (use.kind === 'variable' && use.words && otherWords.length > 0)
        want(this.#otherRows, use.variable, { rows: otherWords });
    }
    let done = 0;
    await readTensors(model, wanted, {
      check: () => throwIfCancelled(signal, 'Reading the weights'),
      take: async (use, array) => {
        const [target, key] = into.get(use)!;
        target.set(key, await this.#runtime.upload(array));
      },
      onTensor: () => onProgress?.({ phase: 'weights', done: ++done, total: wanted.size, unit: 'tensors' }),
    });
    const frozen = [...this.#frozenStages.values()];
    this.#frozen = await openStageWeights(this.#runtime, model, frozen, streamed, { signal, onProgress });
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
    const frozen = await this.#frozen!.of(this.#frozenStages.get(stage.name)!);
    for (const [local, use] of Object.entries(this.#plan.uses.get(stage.name)!)) {
      weights[local] = use.kind === 'frozen' ? frozen[local]! : await this.#weight(use, evaluation);
    }
    return weights;
  }

  async #weight(use: Exclude<WeightUse, { kind: 'frozen' }>, evaluation: boolean): Promise<Resident> {
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

  async release(): Promise<void> {
    this.#dropViews();
    await this.#frozen?.release();
    for (const map of [this.#values, this.#otherRows]) {
      this.#runtime.release(map.values());
      map.clear();
    }
  }
}
