import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type NDArray, throwIfCancelled } from '@ntk-lens/core';
import { DivergedError } from '../errors.js';
import { lossOf, targetsOf } from '../losses.js';
import { createOptimizer } from '../optimizers/create-optimizer.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import { learningRateAt } from '../schedule.js';
import { writePoint } from '../variables/read-point.js';
import { tunedModel } from '../variables/tuned-model.js';
import { BatchOrder } from './batch-order.js';
import {
  CheckpointDirectory,
  type HistoryEntry,
  nonFiniteTensor,
  readTensors,
  type TensorsByName,
  type TrainingRecord,
} from './checkpoint.js';
import { fractionRight, scoreOf } from './development.js';
import {
  checkOptions,
  type FineTuned,
  type FineTuneOptions,
  identityOf,
  movesIn,
} from './fine-tune-options.js';
import { OptimizerState } from './optimizer-state.js';
import { Trainer } from './trainer.js';

/** One fine-tuning, from where it starts or was interrupted to its end. */
export class FineTuneRun {
  readonly #options: FineTuneOptions;
  readonly #trainer: Trainer;
  readonly #optimizer: Optimizer;
  readonly #directory: CheckpointDirectory | undefined;
  readonly #order: BatchOrder;
  readonly #targets: Float64Array;
  readonly #history: HistoryEntry[] = [];
  #step = 0;
  #best: TrainingRecord['best'];
  /** Where there is no directory. */
  #bestValues: TensorsByName | undefined;
  #bestFile: string | undefined;
  #withoutGain = 0;
  #finished = false;

  private constructor(
    options: FineTuneOptions,
    trainer: Trainer,
    optimizer: Optimizer,
    directory: CheckpointDirectory | undefined,
  ) {
    this.#options = options;
    this.#trainer = trainer;
    this.#optimizer = optimizer;
    this.#directory = directory;
    const { train, batchSize = 8, seed = 0, labelWordIds, range } = options;
    this.#order = new BatchOrder(train.examples.length, batchSize, seed);
    this.#targets = targetsOf(train.labels, labelWordIds.length, range);
  }

  static async open(options: FineTuneOptions): Promise<FineTuneRun> {
    checkOptions(options);
    const { train, dev, labelWordIds, clipNorm, signal, onProgress } = options;
    const optimizer = createOptimizer(options.optimizer);
    const opened =
      options.directory === undefined
        ? undefined
        : await CheckpointDirectory.open(options.directory, await identityOf(options));
    const long = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
    const trainer = await Trainer.open(
      {
        runtime: options.runtime,
        model: options.model,
        labelWordIds,
        trainable: options.trainable ?? movesIn(options.model),
        optimizer,
        loss: options.loss ?? 'cross-entropy',
        train: train.examples,
        evaluated: dev?.examples ?? [],
        ...(clipNorm !== undefined && { clipNorm }),
        ...(options.decayed && { decayed: options.decayed }),
        ...(options.learningRateScale && { learningRateScale: options.learningRateScale }),
      },
      long,
    );
    const run = new FineTuneRun(options, trainer, optimizer, opened?.directory);
    try {
      if (opened?.record) await run.#resume(opened.record);
      return run;
    } catch (error) {
      run.close();
      throw error;
    }
  }

  close(): void {
    this.#trainer.release();
  }

  async finish(): Promise<FineTuned> {
    const { steps, signal, onProgress } = this.#options;
    if (this.#step === 0 && this.#history.length === 0) {
      const dev = await this.#evaluate();
      this.#history.push({ step: 0, ...(dev && { dev }) });
      await this.#writeTrajectory();
    }
    while (!this.#finished) {
      if (signal?.aborted) await this.#save(false);
      throwIfCancelled(signal, 'Fine-tuning');
      const entry = await this.#takeStep();
      const evaluates = this.#step % this.#evaluateEvery === 0 || this.#step === steps;
      const dev = evaluates ? await this.#evaluate() : undefined;
      const whole = { ...entry, ...(dev && { dev }) };
      this.#history.push(whole);
      const betterFile = dev ? await this.#consider(dev.score) : undefined;
      this.#bestFile = betterFile ?? this.#bestFile;
      const { patience } = this.#options;
      this.#finished = this.#step === steps || (patience !== undefined && this.#withoutGain >= patience);
      await this.#writeTrajectory();
      const { checkpointEvery } = this.#options;
      const saves = checkpointEvery === undefined ? evaluates : this.#step % checkpointEvery === 0;
      if (saves || this.#finished || betterFile) await this.#save(dev !== undefined);
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
    const { schedule = {}, learningRate, steps } = this.#options;
    return learningRateAt(schedule, learningRate, Math.min(step, steps), steps);
  }

  async #takeStep(): Promise<HistoryEntry> {
    const { train, accumulationSteps = 1, clipNorm, dropout = true } = this.#options;
    const step = this.#step + 1;
    const learningRate = this.#rateOf(step);
    const count = this.#options.labelWordIds.length;
    const batches = Array.from({ length: accumulationSteps }, (_, k) =>
      this.#order.batch((step - 1) * accumulationSteps + k),
    );
    const examples = batches.reduce((sum, batch) => sum + batch.length, 0);
    let total = 0;
    for (const [k, batch] of batches.entries()) {
      const targets = new Float64Array(batch.length * count);
      for (const [row, i] of batch.entries())
        targets.set(this.#targets.subarray(i * count, (i + 1) * count), row * count);
      total += await this.#trainer.accumulate(
        { examples: batch.map((i) => train.examples[i]!), targets },
        examples,
        dropout ? [this.#options.seed ?? 0, step, k] : undefined,
      );
      if (!Number.isFinite(total)) this.#diverged(step, `the loss is ${total}`, learningRate);
    }
    const norm = clipNorm === undefined ? undefined : await this.#trainer.gradientNorm();
    if (norm !== undefined && !Number.isFinite(norm))
      this.#diverged(step, `the gradient has norm ${norm}`, learningRate);
    await this.#trainer.step(step, learningRate, norm);
    this.#step = step;
    return { step, loss: total / examples, learningRate, ...(norm !== undefined && { gradientNorm: norm }) };
  }

  #diverged(step: number, what: string, learningRate: number): never {
    this.#trainer.discardGradient();
    throw new DivergedError(step, what, learningRate, this.#directory?.stateFile);
  }

  async #evaluate(): Promise<{ score: number; loss: number } | undefined> {
    const { dev, metric = fractionRight, range, signal, loss = 'cross-entropy' } = this.#options;
    if (!dev) return undefined;
    const logits = await this.#trainer.logits(dev.examples, 32, signal);
    const found = scoreOf(logits, dev.labels, { metric, loss, ...(range && { range }) });
    if (!Number.isFinite(found.loss))
      this.#diverged(this.#step + 1, `the loss on dev is ${found.loss}`, this.#rateOf(this.#step + 1));
    return found;
  }

  /** Keeps the values where they are better than all before; @returns the file that they are in */
  async #consider(score: number): Promise<string | undefined> {
    if (this.#best && score <= this.#best.score) {
      this.#withoutGain++;
      return undefined;
    }
    this.#best = { step: this.#step, score };
    this.#withoutGain = 0;
    const values = await this.#values();
    if (this.#directory) return this.#directory.writeBest(this.#step, values);
    this.#bestValues = values;
    return undefined;
  }

  /** Values of all variables, checked. */
  async #values(): Promise<TensorsByName> {
    const values = new Map<string, NDArray<'float32'>>();
    for (const variable of this.#trainer.plan.variables)
      values.set(variable.key, await this.#trainer.store.download(variable));
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
    if (!this.#directory) return;
    if (!evaluated && !this.#finished) {
      const {
        train,
        range,
        labelWordIds,
        accumulationSteps = 1,
        loss: name = 'cross-entropy',
      } = this.#options;
      const next = this.#order.batch(this.#step * accumulationSteps);
      const logits = await this.#trainer.logits(next.map((i) => train.examples[i]!));
      const labels = next.map((i) => train.labels[i]!);
      const { loss } = lossOf(name, logits, targetsOf(labels, labelWordIds.length, range));
      if (!Number.isFinite(loss))
        this.#diverged(this.#step + 1, `the loss is ${loss}`, this.#rateOf(this.#step + 1));
    }
    const tensors = this.#finished && this.#best ? undefined : await this.#state();
    const record: TrainingRecord = {
      step: this.#step,
      history: this.#history,
      withoutGain: this.#withoutGain,
      finished: this.#finished,
      ...(this.#best && { best: this.#best }),
    };
    await this.#directory.save(record, tensors, this.#bestFile);
  }

  async #state(): Promise<TensorsByName> {
    const { state, plan } = this.#trainer;
    const tensors = new Map(await this.#values());
    for (const variable of plan.variables) {
      for (const name of this.#optimizer.state)
        tensors.set(OptimizerState.nameOf(variable, name), await state.download(variable, name));
    }
    return tensors;
  }

  async #resume(record: TrainingRecord): Promise<void> {
    const { stateFile } = this.#directory!;
    if (stateFile) await this.#loadState(stateFile);
    this.#step = record.step;
    this.#history.push(...record.history);
    this.#best = record.best;
    this.#withoutGain = record.withoutGain;
    this.#finished = record.finished;
  }

  async #loadState(file: string): Promise<void> {
    const { store, state, plan } = this.#trainer;
    const names = plan.variables.flatMap((variable) => [
      { name: variable.key, variable },
      ...this.#optimizer.state.map((s) => ({ name: OptimizerState.nameOf(variable, s), variable, state: s })),
    ]);
    const stateOf = new Map(names.map((entry) => [entry.name, 'state' in entry ? entry.state : undefined]));
    await readTensors(file, names, async (name, variable, array) => {
      const which = stateOf.get(name);
      if (which === undefined) store.set(variable, await this.#options.runtime.upload(array));
      else await state.load(variable, which, array);
    });
  }

  async #writeTrajectory(): Promise<void> {
    const { directory, trajectory } = this.#options;
    if (directory === undefined || !trajectory?.includes(this.#step)) return;
    await mkdir(join(directory, 'trajectory'), { recursive: true });
    await writePoint(
      join(directory, 'trajectory', `step-${String(this.#step).padStart(6, '0')}.safetensors`),
      this.#trainer.plan.variables,
      await this.#values(),
    );
  }

  async #result(): Promise<FineTuned> {
    const { variables } = this.#trainer.plan;
    let values = this.#bestValues;
    if (!values && this.#best && this.#directory?.bestFile) {
      const read = new Map<string, NDArray<'float32'>>();
      const wanted = variables.map((variable) => ({ name: variable.key, variable }));
      await readTensors(
        this.#directory.bestFile,
        wanted,
        async (name, _, array) => void read.set(name, array),
      );
      values = read;
    }
    const kept = values ?? (await this.#values());
    const tuned = variables.map((variable) => ({ variable, value: kept.get(variable.key)! }));
    return {
      model: tunedModel(this.#options.model, tuned),
      values: tuned,
      kept: this.#best ?? { step: this.#step },
      history: this.#history,
      steps: this.#step,
    };
  }
}

const describe = ({ loss, dev }: HistoryEntry): string =>
  [`loss ${loss?.toPrecision(4)}`, ...(dev ? [`dev ${dev.score.toFixed(4)}`] : [])].join(', ');
