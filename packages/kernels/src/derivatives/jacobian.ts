import { type EncodedExample, type LongTaskOptions, type NDArray, ndarray, zeros } from '@ntk-lens/core';
import { type Resident, type Runtime, usualRates } from '@ntk-lens/engine';
import {
  firstPosition,
  type LogitWeights,
  openStageWeights,
  StageChain,
  type StageWeights,
  type WordRows,
} from '@ntk-lens/models';
import { allActive } from '../factors/active-parameters.js';
import type { ExampleBatch } from '../factors/stage-factors.js';
import type { WeightDirection } from '../formulas/weight-direction.js';
import { forwardBatches, openBatch, releaseBatches } from '../pass/example-batch.js';
import { ResidentScope } from '../pass/resident-scope.js';
import { chooseKept } from '../plan/kept-values.js';
import { readValues } from '../plan/read-values.js';
import { movingSites } from './derivative-programs.js';
import { GradientSums } from './gradient-sums.js';
import {
  type Group,
  type GroupedModel,
  type PassVectors,
  planGroups,
  streamsWeights,
} from './plan-groups.js';
import { StageDerivatives } from './stage-derivatives.js';

export interface JacobianOptions extends GroupedModel {
  readonly logitWeights: LogitWeights;
  /** Rows of the word tables that are in memory. */
  readonly words: WordRows;
  /** Name under which the gradient of a parameter is added. Default: its own. */
  readonly nameOf?: (parameter: string) => string;
  /** The subject of the message of a cancellation. */
  readonly what: string;
}

export interface DirectionalDerivatives {
  /** f(·; θ), `[n, C]`. */
  readonly logits: NDArray<'float64'>;
  /** ⟨∇f_c(ξ; θ), v⟩ for each direction v, `[n, C]`. */
  readonly derivatives: readonly NDArray<'float64'>[];
}

/** The work of a pass on a chain, with groups of batches. */
interface PassWork {
  /** Gives cotangents of the logits, where the pass does not start from the outputs. */
  readonly start?: (batch: ExampleBatch) => Promise<readonly Resident[]>;
  readonly outputs?: (batch: ExampleBatch, values: NDArray) => void;
  /** Runs a stage backwards. Without it the pass ends at the outputs. */
  readonly backward?: (index: number, batches: readonly ExampleBatch[], wantsInput: boolean) => Promise<void>;
}

/**
 * The Jacobian J of a model at θ, a row for every output of every example, by its products with vectors. Its weights are
 * read at the first product and stay until it is closed, unless they are streamed. Products wait for each other.
 */
export class Jacobian {
  readonly #options: JacobianOptions;
  readonly #scope: ResidentScope;
  readonly #plans = new WeakMap<readonly EncodedExample[], Map<string, readonly Group[]>>();
  #weights: StageWeights | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #read: ReturnType<typeof readValues> | undefined;

  constructor(options: JacobianOptions, runtime: Runtime) {
    this.#options = options;
    this.#scope = new ResidentScope(runtime);
  }

  /** C. */
  get outputs(): number {
    return this.#options.logitWeights.length;
  }

  /**
   * The groups of a pass over examples.
   *
   * @throws MemoryBudgetError
   */
  plan(examples: readonly EncodedExample[], vectors: PassVectors): readonly Group[] {
    const known = this.#plans.get(examples) ?? new Map<string, readonly Group[]>();
    this.#plans.set(examples, known);
    const key = JSON.stringify(vectors);
    const groups = known.get(key) ?? planGroups(this.#options, examples, vectors);
    known.set(key, groups);
    return groups;
  }

  /**
   * f(·; θ), `[n, C]`.
   *
   * @throws MemoryBudgetError before any work; NonFiniteWeightError, NonFiniteActivationError; CancelledError
   */
  async logits(examples: readonly EncodedExample[], long: LongTaskOptions): Promise<NDArray<'float64'>> {
    const logits = zeros('float64', [examples.length, this.outputs]);
    await this.#pass(examples, { cotangents: 1, directions: 0 }, 'logits', long, () => ({
      outputs: (batch, values) => setRows(logits, batch, values),
    }));
    return logits;
  }

  /**
   * J v for several directions v.
   *
   * @param held bytes that the directions take
   * @throws what `logits` throws
   */
  async times(
    examples: readonly EncodedExample[],
    directions: readonly WeightDirection[],
    long: LongTaskOptions,
    held?: number,
  ): Promise<DirectionalDerivatives> {
    const shape = [examples.length, this.outputs];
    const logits = zeros('float64', shape);
    const derivatives = directions.map(() => zeros('float64', shape));
    const moving = this.#options.active.map(movingSites);
    const vectors = { cotangents: this.outputs, directions: directions.length, held };
    await this.#pass(examples, vectors, 'derivatives', long, (chain) => ({
      outputs: (batch, values) => setRows(logits, batch, values),
      backward: async (index, batches, wantsInput) => {
        const stage = await StageDerivatives.open(chain, index, moving[index]!, directions, batches);
        try {
          for (const batch of batches) await stage.take(batch, wantsInput, derivatives);
        } finally {
          stage.release();
        }
      },
    }));
    return { logits, derivatives };
  }

  /**
   * Jᵀ w for the columns w of `[n · C, k]`.
   *
   * @param held bytes that the sums take
   * @throws what `logits` throws
   */
  async transposedTimes(
    examples: readonly EncodedExample[],
    weights: NDArray<'float64'>,
    long: LongTaskOptions,
    held?: number,
  ): Promise<GradientSums> {
    const { active, nameOf = (name) => name, model, logitWeights } = this.#options;
    const count = weights.shape[1]!;
    const vectors = { cotangents: count, directions: 0, held };
    const batches = this.plan(examples, vectors).flatMap((group) => group.batches);
    // Gradients by position have the same rows in all batches.
    const padTo = batches.reduce((most, { length }) => Math.max(most, length), 0);
    const lengths = { padTo, firstPosition: firstPosition(model.config) };
    const sums = new GradientSums({ active, lengths, nameOf, shapes: model.parameters }, count);
    await this.#pass(examples, vectors, 'gradient sums', long, (chain) => ({
      start: async (batch) => {
        const cotangents: Resident[] = [];
        for (let k = 0; k < count; k++)
          cotangents.push(await this.#scope.upload(logitCotangents(batch, weights, k, logitWeights)));
        return cotangents;
      },
      backward: async (index, batches, wantsInput) => {
        for (const batch of batches) await sums.take(chain, index, batch, wantsInput);
      },
    }));
    return sums;
  }

  /** Waits for a product that runs, and releases the weights. The runtime stays open. */
  async close(): Promise<void> {
    await this.#last.catch(() => {});
    await this.#scope.close();
    this.#weights = undefined;
  }

  /** The values of sites that backward passes read: the cotangents of sites take those that the factors of their parameters do. */
  #readValues(batches: Group['batches']): ReturnType<typeof readValues> {
    const { stages, active, model } = this.#options;
    const padTo = batches.reduce((most, { length }) => Math.max(most, length), 0);
    this.#read ??= readValues(stages, active, { padTo, firstPosition: firstPosition(model.config) });
    return this.#read;
  }

  /** Runs a pass when those before it have ended. */
  #pass(
    examples: readonly EncodedExample[],
    vectors: PassVectors,
    phase: string,
    long: LongTaskOptions,
    workOn: (chain: StageChain) => PassWork,
  ): Promise<void> {
    const groups = this.plan(examples, vectors);
    const run = () => this.#run(examples, groups, phase, long, workOn);
    const pass = this.#last.then(run, run);
    this.#last = pass;
    return pass;
  }

  async #run(
    examples: readonly EncodedExample[],
    groups: readonly Group[],
    phase: string,
    long: LongTaskOptions,
    workOn: (chain: StageChain) => PassWork,
  ): Promise<void> {
    const { model, stages, logitWeights, what } = this.#options;
    const streamed = streamsWeights(this.#options);
    const weights = this.#weights ?? (await openStageWeights(this.#scope, model, stages, streamed, long));
    if (!streamed) this.#weights = weights;
    try {
      const chain = new StageChain({
        ...{ runtime: this.#scope, stages, logitWeights, signal: long.signal, what },
        weightsOf: (stage) => weights.of(stage),
      });
      const work = workOn(chain);
      for (const [g, group] of groups.entries()) {
        const onStage = (done: number, total: number, stage: string) =>
          long.onProgress?.({
            ...{ phase, done, total, unit: 'stages' },
            detail: `${stage}, group ${g + 1}/${groups.length}`,
          });
        await this.#runGroup(chain, examples, group, work, onStage);
      }
    } finally {
      if (streamed) await weights.release();
    }
  }

  async #runGroup(
    chain: StageChain,
    examples: readonly EncodedExample[],
    { batches, room }: Group,
    { start, outputs, backward }: PassWork,
    onStage: (done: number, total: number, stage: string) => void,
  ): Promise<void> {
    const { model, active, words } = this.#options;
    const { runtime, stages } = chain;
    const tokens = batches.reduce((sum, { indices, length }) => sum + indices.length * length, 0);
    const read = backward && this.#readValues(batches);
    const kept = read ? chooseKept({ stages, read }, tokens, room, this.outputs, usualRates) : [];
    const held: ExampleBatch[] = [];
    try {
      for (const planned of batches)
        held.push(await openBatch(runtime, examples, planned, model.config, words));
      const values = await forwardBatches(chain, held, kept);
      for (const [b, batch] of held.entries()) outputs?.(batch, values[b]!);
      if (!backward) return;
      for (const batch of start ? held : []) batch.running.cotangents = await start!(batch);
      const lowest = active.findIndex((own) => allActive(own).length > 0);
      for (let index = stages.length - 1; index >= lowest; index--) {
        await backward(index, held, index > lowest);
        onStage(stages.length - index, stages.length - lowest, stages[index]!.name);
      }
    } finally {
      releaseBatches(runtime, held);
    }
  }
}

/** Puts the outputs of a batch into their rows. */
const setRows = (into: NDArray<'float64'>, { indices }: ExampleBatch, { data, shape }: NDArray): void => {
  const outputs = shape[1] ?? 0;
  for (const [row, i] of indices.entries())
    into.data.set(data.subarray(row * outputs, (row + 1) * outputs), i * outputs);
};

/** The k-th cotangents of the logits of a batch, Σ_c w_c ∂f_c, `[n, L]`. */
const logitCotangents = (
  { indices }: ExampleBatch,
  { data, shape }: NDArray<'float64'>,
  k: number,
  logitWeights: LogitWeights,
): NDArray<'float32'> => {
  const [outputs, labels, columns] = [logitWeights.length, logitWeights[0]!.length, shape[1]!];
  const cotangents = new Float32Array(indices.length * labels);
  for (const [row, i] of indices.entries()) {
    for (const [c, own] of logitWeights.entries()) {
      const w = data[(i * outputs + c) * columns + k]!;
      for (const [l, by] of own.entries()) cotangents[row * labels + l]! += w * by;
    }
  }
  return ndarray(cotangents, [indices.length, labels]);
};
