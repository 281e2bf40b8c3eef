import { throwIfCancelled } from '@ntk-lens/core';
import { lossOf } from '@ntk-lens/kernels';
import { DivergedError } from '../errors.js';
import { createOptimizer } from '../optimizers/create-optimizer.js';
import { learningRateAt } from '../schedule.js';
import { pointTensors } from '../variables/stored-point.js';
import { tunedModel } from '../variables/tuned-model.js';
import { BestPoint } from './best-point.js';
import { type DevelopmentScore, scoreOf } from './development.js';
import type { CompleteOptions, FineTuned } from './fine-tune-options.js';
import { Trainer } from './trainer.js';
import { TrainingBatches } from './training-batches.js';
import {
  type HistoryEntry,
  nonFiniteTensor,
  type TensorsByName,
  type TrainingRecord,
  type TrainingStore,
} from './training-record.js';
import { TrainingTensors } from './training-tensors.js';

/** One fine-tuning, from where it starts or was interrupted to its end. */
export class FineTuneRun {
  readonly #options: CompleteOptions;
  readonly #trainer: Trainer;
  readonly #tensors: TrainingTensors;
  readonly #store: TrainingStore | undefined;
  readonly #batches: TrainingBatches;
  readonly #best: BestPoint;
  readonly #history: HistoryEntry[] = [];
  #step = 0;
  #finished = false;

  private constructor(
    options: CompleteOptions,
    trainer: Trainer,
    tensors: TrainingTensors,
    store: TrainingStore | undefined,
  ) {
    this.#options = options;
    this.#trainer = trainer;
    this.#tensors = tensors;
    this.#store = store;
    this.#batches = new TrainingBatches(options);
    this.#best = new BestPoint(store);
  }

  static async open(options: CompleteOptions, store?: TrainingStore): Promise<FineTuneRun> {
    const { runtime, train, dev, signal, onProgress } = options;
    const optimizer = createOptimizer(options.optimizer);
    const trainer = await Trainer.open(
      { ...options, optimizer, train: train.examples, evaluated: dev?.examples ?? [] },
      { signal, onProgress },
    );
    const tensors = new TrainingTensors(runtime, trainer, optimizer);
    const run = new FineTuneRun(options, trainer, tensors, store);
    try {
      if (store?.record) await run.#resume(store, store.record);
      return run;
    } catch (error) {
      await run.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#trainer.release();
  }

  async finish(): Promise<FineTuned> {
    const { steps, signal, onProgress } = this.#options;
    if (this.#step === 0 && this.#history.length === 0) {
      const dev = await this.#evaluate();
      this.#history.push({ step: 0, dev });
      await this.#writeTrajectory();
    }
    while (!this.#finished) {
      if (signal?.aborted) await this.#save(false);
      throwIfCancelled(signal, 'Fine-tuning');
      const entry = await this.#takeStep();
      const evaluates = this.#step % this.#evaluateEvery === 0 || this.#step === steps;
      const dev = evaluates ? await this.#evaluate() : undefined;
      const whole = { ...entry, dev };
      this.#history.push(whole);
      const better = dev && (await this.#best.consider(this.#step, dev.score, () => this.#values()));
      const { patience } = this.#options;
      this.#finished = this.#step === steps || (patience !== undefined && this.#best.withoutGain >= patience);
      await this.#writeTrajectory();
      const { checkpointEvery } = this.#options;
      const saves = checkpointEvery === undefined ? evaluates : this.#step % checkpointEvery === 0;
      if (saves || this.#finished || better) await this.#save(dev !== undefined);
      onProgress?.({
        phase: 'fine-tune',
        done: this.#step,
        total: steps,
        unit: 'steps',
        detail: describe(whole),
      });
    }
    return this.#result();
  }

  get #evaluateEvery(): number {
    return this.#options.evaluateEvery ?? Math.max(1, Math.floor(this.#options.steps / 10));
  }

  #rateOf(step: number): number {
    const { schedule, learningRate, steps } = this.#options;
    return learningRateAt(schedule, learningRate, Math.min(step, steps), steps);
  }

  async #takeStep(): Promise<HistoryEntry> {
    const { clipNorm, dropout, seed } = this.#options;
    const step = this.#step + 1;
    const learningRate = this.#rateOf(step);
    const batches = this.#batches.ofStep(step);
    const examples = batches.reduce((sum, batch) => sum + batch.examples.length, 0);
    let total = 0;
    for (const [k, batch] of batches.entries()) {
      total += await this.#trainer.accumulate(batch, examples, dropout ? [seed, step, k] : undefined);
      if (!Number.isFinite(total)) this.#diverged(step, `the loss is ${total}`, learningRate);
    }
    const norm = clipNorm === undefined ? undefined : await this.#trainer.gradientNorm();
    if (norm !== undefined && !Number.isFinite(norm))
      this.#diverged(step, `the gradient has norm ${norm}`, learningRate);
    await this.#trainer.step(step, learningRate, norm);
    this.#step = step;
    return { step, loss: total / examples, learningRate, gradientNorm: norm };
  }

  #diverged(step: number, what: string, learningRate: number): never {
    this.#trainer.discardGradient();
    throw new DivergedError(step, what, learningRate, this.#store?.stateFile);
  }

  async #evaluate(): Promise<DevelopmentScore | undefined> {
    const { dev, metric, range, signal, loss } = this.#options;
    if (!dev) return undefined;
    const logits = await this.#trainer.logits(dev.examples, 32, signal);
    const found = scoreOf(logits, dev.labels, { metric, loss, range });
    if (!Number.isFinite(found.loss))
      this.#diverged(this.#step + 1, `the loss on dev is ${found.loss}`, this.#rateOf(this.#step + 1));
    return found;
  }

  /** Values of all variables, checked. */
  async #values(): Promise<TensorsByName> {
    const values = await this.#tensors.values();
    const bad = nonFiniteTensor(values);
    if (bad !== undefined)
      this.#diverged(this.#step + 1, `${bad} is no longer finite`, this.#rateOf(this.#step + 1));
    return values;
  }

  /**
   * Writes a checkpoint. Where dev was not evaluated at this point, the next batch says whether it is a good one:
   * weights can be finite and yet of no use.
   */
  async #save(evaluated: boolean): Promise<void> {
    if (!this.#store) return;
    if (!evaluated && !this.#finished) {
      const [next] = this.#batches.ofStep(this.#step + 1);
      const logits = await this.#trainer.logits(next!.examples);
      const { loss } = lossOf(this.#options.loss, logits, next!.targets);
      if (!Number.isFinite(loss))
        this.#diverged(this.#step + 1, `the loss is ${loss}`, this.#rateOf(this.#step + 1));
    }
    const { found, withoutGain } = this.#best;
    const tensors =
      this.#finished && found
        ? undefined
        : new Map([...(await this.#values()), ...(await this.#tensors.optimizerState())]);
    const record: TrainingRecord = {
      step: this.#step,
      history: this.#history,
      withoutGain,
      finished: this.#finished,
      best: found,
    };
    await this.#store.save(record, tensors);
  }

  async #resume(store: TrainingStore, record: TrainingRecord): Promise<void> {
    if (store.stateFile) await this.#tensors.load(store, store.stateFile);
    this.#step = record.step;
    this.#history.push(...record.history);
    this.#best.resume(record);
    this.#finished = record.finished;
  }

  async #writeTrajectory(): Promise<void> {
    if (!this.#store || !this.#options.trajectory?.includes(this.#step)) return;
    const tensors = pointTensors(this.#trainer.plan.variables, await this.#values());
    await this.#store.writePoint(this.#step, tensors);
  }

  async #result(): Promise<FineTuned> {
    const { variables } = this.#trainer.plan;
    const chosen = await this.#best.values((store, file) => this.#tensors.read(store, file));
    const values = chosen ?? (await this.#values());
    const tuned = variables.map((variable) => ({ variable, value: values.get(variable.key)! }));
    return {
      model: tunedModel(this.#options.model, tuned),
      values: tuned,
      kept: this.#best.found ?? { step: this.#step },
      history: this.#history,
      steps: this.#step,
    };
  }
}

const describe = ({ loss, dev }: HistoryEntry): string =>
  [`loss ${loss?.toPrecision(4)}`, ...(dev ? [`dev ${dev.score.toFixed(4)}`] : [])].join(', ');
