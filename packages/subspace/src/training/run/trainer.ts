import {
  BadArgumentError,
  type EncodedExample,
  type LongTaskOptions,
  type NDArray,
  ndarray,
  sizeOf,
  throwIfCancelled,
  zeros,
} from '@ntk-lens/core';
import type { Resident, Runtime } from '@ntk-lens/engine';
import type { ParameterFilter } from '@ntk-lens/kernels';
import { type LossName, lossOf } from '@ntk-lens/kernels';
import {
  batchesTogether,
  ChainBatch,
  checkSequences,
  DEFAULT_MEMORY,
  exceedsMemory,
  type LabelWordIds,
  type LanguageModel,
  makeBatches,
} from '@ntk-lens/models';
import { NothingTrainableError } from '../errors.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import { frozenStages, ParameterStore } from '../variables/parameter-store.js';
import { planVariables, type Variable, type VariablePlan } from '../variables/plan-variables.js';
import { paddedLength, uploadBatch } from './batch-inputs.js';
import { Gradients } from './gradients.js';
import { OptimizerState } from './optimizer-state.js';
import { StageRunner } from './stage-runner.js';

export interface TrainerOptions {
  readonly runtime: Runtime;
  readonly model: LanguageModel;
  /** Token ids of the label words, in label order. */
  readonly labelWordIds: LabelWordIds;
  /** Parameters that may change; all by default. */
  readonly trainable?: ParameterFilter;
  readonly optimizer: Optimizer;
  readonly loss: LossName;
  /** Largest global norm of the gradient, float: longer ones are scaled down to it. Default: no limit. */
  readonly clipNorm?: number;
  /** Every example that training will see, and every one that evaluation will. */
  readonly train: readonly EncodedExample[];
  readonly evaluated: readonly EncodedExample[];
  /** Parameters that weight decay changes. Default: all. */
  readonly decayed?: ParameterFilter;
  /** Budget in bytes for everything: frozen weights that exceed it are read stage by stage in every step. Default: 4 GiB. */
  readonly memory?: number;
  /** Read frozen weights stage by stage, or not, whatever the budget. The numbers are the same. */
  readonly streamed?: boolean;
  /** Factor on the learning rate of each variable, as width-aware parametrizations need. Default: 1. */
  readonly learningRateScale?: LearningRateScale;
}

/** Factor, ≥ 0, on the learning rate of a parameter, or of the range of it that is a variable of its own (GPT-2's keys). */
export type LearningRateScale = (parameter: string, range?: Variable['range']) => number;

/** Examples with their targets `[n, C]`. */
export interface TargetedBatch {
  readonly examples: readonly EncodedExample[];
  readonly targets: Float64Array;
}

const tokensOf = (examples: readonly EncodedExample[]): Set<number> =>
  new Set(examples.flatMap(({ inputIds }) => inputIds));

/** Variables of one group that are updated with one factor on the learning rate. */
const byRate = (
  group: readonly Variable[],
  scale: LearningRateScale = () => 1,
): (readonly [number, readonly Variable[]])[] => {
  const parts = new Map<number, Variable[]>();
  for (const variable of group) {
    const factor = scale(variable.parameter, variable.range);
    if (!(factor >= 0 && factor < Infinity))
      throw new BadArgumentError(`learning-rate scale of ${variable.parameter}`, factor, 'a number ≥ 0');
    parts.set(factor, [...(parts.get(factor) ?? []), variable]);
  }
  return [...parts];
};

/** True where frozen weights, and values, gradients and optimizer state of the variables, do not fit the budget. */
const trainingExceeds = (
  { model, memory = DEFAULT_MEMORY, optimizer }: TrainerOptions,
  plan: VariablePlan,
): boolean => {
  const numbers = plan.variables.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const moving = 4 * numbers * (2 + optimizer.state.length);
  return exceedsMemory(model, frozenStages(plan), memory - moving);
};

/** A model being trained: weights, gradients and optimizer state, resident once each. */
export class Trainer {
  readonly plan: VariablePlan;
  readonly store: ParameterStore;
  readonly state: OptimizerState;
  readonly #options: TrainerOptions;
  readonly #streamed: boolean;
  readonly #runner: StageRunner;
  readonly #gradients: Gradients;
  readonly #groups: ReadonlyMap<string, readonly Variable[]>;
  /** The groups, split where learning rates differ. */
  readonly #steps: readonly (readonly [number, readonly Variable[]])[];

  private constructor(options: TrainerOptions, plan: VariablePlan, store: ParameterStore, streamed: boolean) {
    this.#streamed = streamed;
    this.#options = options;
    this.plan = plan;
    this.store = store;
    this.state = new OptimizerState(options.runtime, options.optimizer);
    this.#runner = new StageRunner(options.runtime, plan, store);
    this.#gradients = new Gradients(options.runtime);
    const groups = new Map<string, Variable[]>();
    for (const variable of plan.variables)
      groups.set(variable.group, [...(groups.get(variable.group) ?? []), variable]);
    this.#groups = groups;
    this.#steps = [...groups.values()].flatMap((group) => byRate(group, options.learningRateScale));
  }

  /**
   * @throws SequenceTooLongError, BranchesError, NothingTrainableError; NonFiniteWeightError; CancelledError
   */
  static async open(options: TrainerOptions, long: LongTaskOptions = {}): Promise<Trainer> {
    const { runtime, model, labelWordIds, optimizer, train, evaluated } = options;
    const decayed = options.decayed ?? (() => true);
    const stages = model.stages(labelWordIds);
    checkSequences([...train, ...evaluated], stages, model.config);
    const plan = planVariables(model, stages, {
      trainable: options.trainable ?? (() => true),
      trainTokens: tokensOf(train).add(model.config.padTokenId),
      otherTokens: tokensOf(evaluated),
      decayed: (name) => optimizer.decays && decayed(name),
    });
    if (plan.variables.length === 0) throw new NothingTrainableError([...model.parameters.keys()]);
    const { streamed = trainingExceeds(options, plan) } = options;
    const store = await ParameterStore.open(runtime, model, plan, { ...long, streamed });
    return new Trainer(options, plan, store, streamed);
  }

  async #start(examples: readonly EncodedExample[], length: number): Promise<ChainBatch> {
    const { runtime, model } = this.#options;
    return new ChainBatch(await uploadBatch(runtime, examples, length, model.config, this.plan.wordRows));
  }

  #end(batch: ChainBatch): void {
    this.#options.runtime.release(batch.tensors());
  }

  /**
   * Adds the gradient of a batch's loss, divided by `divisor`, to the gradient of the coming step.
   *
   * @param dropout seed of this batch's dropout; without one nothing is dropped
   * @returns the sum of the examples' losses; where it is not finite, no gradient was added
   */
  async accumulate(
    { examples, targets }: TargetedBatch,
    divisor: number,
    dropout?: readonly number[],
  ): Promise<number> {
    const { runtime, model, loss: lossName } = this.#options;
    const batch = await this.#start(examples, paddedLength(examples, model.config.maxTokens));
    try {
      const logits = await this.#runner.forward(batch, dropout);
      const values = await runtime.download(logits);
      runtime.release([logits]);
      const { loss, cotangent } = lossOf(lossName, values, targets);
      if (!Number.isFinite(loss)) return loss;
      const dy = await runtime.upload(
        ndarray<'float32'>(
          Float32Array.from(cotangent, (chi) => chi / divisor),
          values.shape,
        ),
      );
      await this.#runner.backward(batch, dy, async (stage, local, gradient) => {
        const { variable, places } = this.#runner.target(stage, local);
        await this.#gradients.add(variable, gradient, places);
      });
      return loss;
    } finally {
      this.#end(batch);
    }
  }

  /** Global 2-norm of the gradient that was accumulated. */
  async gradientNorm(): Promise<number> {
    return Math.sqrt(await this.#gradients.squaredNorm(this.#groups.values()));
  }

  /**
   * Takes an optimizer step along the accumulated gradient, clipped, and forgets the gradient.
   *
   * @param step from 1
   * @param norm norm of the gradient; only needed for clipping
   */
  async step(step: number, learningRate: number, norm: number | undefined): Promise<void> {
    const { clipNorm } = this.#options;
    // As torch.nn.utils.clip_grad_norm_.
    const scale = clipNorm === undefined || norm === undefined ? 1 : Math.min(1, clipNorm / (norm + 1e-6));
    for (const [factor, group] of this.#steps) {
      await this.state.update(this.store, this.#gradients, group, step, factor * learningRate, scale);
    }
  }

  /** Forgets the accumulated gradient. */
  discardGradient(): void {
    this.#gradients.release();
  }

  /** Logits of the label words now, float64 `[n, C]`, in the order of the examples; without dropout. */
  async logits(
    examples: readonly EncodedExample[],
    batchSize = 32,
    signal?: AbortSignal,
  ): Promise<NDArray<'float64'>> {
    const { runtime, model, labelWordIds } = this.#options;
    const count = labelWordIds.length;
    const result = zeros('float64', [examples.length, count]);
    const lengths = examples.map(({ inputIds }) => inputIds.length);
    const batches = makeBatches(lengths, batchSize, model.config.maxTokens);
    const together = batchesTogether(this.#streamed, batches, model.config.hiddenSize);
    for (let from = 0; from < batches.length; from += together) {
      throwIfCancelled(signal, 'The evaluation');
      const group = batches.slice(from, from + together);
      const running: ChainBatch[] = [];
      let logits: Resident[] = [];
      try {
        for (const { indices, length } of group)
          running.push(
            await this.#start(
              indices.map((i) => examples[i]!),
              length,
            ),
          );
        logits = await this.#runner.evaluate(running);
        for (const [b, { indices }] of group.entries()) {
          const { data } = await runtime.download(logits[b]!);
          for (const [row, i] of indices.entries())
            result.data.set(data.subarray(row * count, (row + 1) * count), i * count);
        }
      } finally {
        runtime.release(logits);
        for (const batch of running) this.#end(batch);
      }
    }
    return result;
  }

  /**
   * The values that the network computes now on one batch: for each stage, in order, the outputs of its
   * linear sites by name and the stage's own under `output`. They are `[n, T, width]`, or `[n, 1, width]` if
   * only the row that is read is computed.
   */
  async activations(
    examples: readonly EncodedExample[],
  ): Promise<ReadonlyMap<string, Readonly<Record<string, NDArray>>>> {
    const { runtime, model } = this.#options;
    const batch = await this.#start(examples, paddedLength(examples, model.config.maxTokens));
    const found = new Map<string, Readonly<Record<string, NDArray>>>();
    try {
      await this.#runner.watch(batch, async (stage, outputs) => {
        const arrays: Record<string, NDArray> = {};
        for (const [name, output] of Object.entries(outputs)) arrays[name] = await runtime.download(output);
        found.set(stage.name, arrays);
      });
      return found;
    } finally {
      this.#end(batch);
    }
  }

  async release(): Promise<void> {
    this.#gradients.release();
    this.state.release();
    await this.store.release();
  }
}
