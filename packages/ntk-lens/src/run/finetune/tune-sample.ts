import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isError, type LongTaskOptions, type NDArray, sizeOf } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import { forwardLogits, type LanguageModel } from '@ntk-lens/models';
import {
  DivergedError,
  type FineTuned,
  fineTune,
  type HistoryEntry,
  optimizerOptions,
  predictions,
  type SpaceModel,
} from '@ntk-lens/subspace';
import { evaluate, type Scores, type TaskSpec } from '@ntk-lens/tasks';
import type { FineTuneSettings } from './fine-tune-settings.js';
import type { TrainingSample } from './load-samples.js';
import { trainingStart } from './training-start.js';
import { writeTuned } from './write-tuned.js';

/** One point of the grid on one sample. */
export interface GridPoint {
  readonly learningRate: number;
  readonly batchSize: number;
  /** Score on dev at the kept step; absent where training diverged. */
  readonly dev?: number;
  /** The kept step; the step that could not be taken where training diverged. */
  readonly step: number;
  readonly diverged: boolean;
  readonly history: readonly HistoryEntry[];
  /** Wall-clock. */
  readonly seconds: number;
}

/** What was found on one k-shot sample. */
export interface TunedSample {
  readonly shots: number;
  readonly seed: number;
  readonly directory: string;
  readonly grid: readonly GridPoint[];
  /** Index of the point that dev chose. */
  readonly chosen: number;
  /** Model at θ₀; absent without a prompt. */
  readonly zeroShot?: { readonly dev: Scores; readonly test: Scores };
  readonly tuned: { readonly dev: Scores; readonly test: Scores };
  /** Numbers that move; tied ones count once. */
  readonly dimension: number;
  /** Where θ_T is. */
  readonly written: string;
}

/** A sample's tuned model while it is open. */
export interface OpenTuned {
  readonly sample: TrainingSample;
  readonly task: TaskSpec;
  readonly labelWordIds: readonly number[];
  readonly runtime: Runtime;
  /** Where training started. */
  readonly space: SpaceModel;
  /** At the point that dev chose. */
  readonly model: LanguageModel;
  /** What it says of the test examples, `[n, C]`. */
  readonly logits: NDArray<'float64'>;
  /** Directory of the training that dev chose, with its trajectory. */
  readonly training: string;
  readonly result: TunedSample;
}

export interface SampleRequest {
  readonly base: LanguageModel;
  readonly baseDirectory: string;
  readonly runtime: Runtime;
  readonly task: TaskSpec;
  readonly labelWordIds: readonly number[];
  readonly sample: TrainingSample;
  readonly settings: FineTuneSettings;
  readonly directory: string;
  /** Drop what another training left there. */
  readonly force: boolean;
  /** Called before the tuned model is let go. */
  readonly onTuned?: (tuned: OpenTuned) => Promise<void>;
}

/**
 * Trains on one sample at every point of the grid, keeps what dev chooses, and tests it. Points that were finished
 * before are read.
 *
 * @throws DivergedError when every point diverges
 */
export const tuneSample = async (request: SampleRequest, options: LongTaskOptions): Promise<TunedSample> => {
  const { sample, settings, task, directory, runtime, labelWordIds } = request;
  if (request.force) await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const space = await trainingStart(request, options);
  const test = async (model: LanguageModel) => {
    const logitsOf = (split: 'dev' | 'test') =>
      forwardLogits({ model, runtime, examples: sample.examples[split], labelWordIds, ...options });
    const [dev, logits] = [await logitsOf('dev'), await logitsOf('test')];
    const scores = {
      dev: scoresOf(task, dev, sample.labels.dev),
      test: scoresOf(task, logits, sample.labels.test),
    };
    return { scores, logits };
  };
  const zeroShot = settings.standard ? undefined : (await test(space)).scores;
  const grid: GridPoint[] = [];
  let best: { readonly index: number; readonly dev: number; readonly result: FineTuned } | undefined;
  let diverged: DivergedError | undefined;
  for (const learningRate of settings.learningRates) {
    for (const batchSize of settings.batchSizes) {
      const start = performance.now();
      const point = { learningRate, batchSize };
      const seconds = () => (performance.now() - start) / 1000;
      try {
        const result = await trainPoint(request, space, point, options);
        const dev = result.kept.score ?? Number.NEGATIVE_INFINITY;
        const { step } = result.kept;
        grid.push({ ...point, dev, step, diverged: false, history: result.history, seconds: seconds() });
        // The first of equals: the smaller rate and batch.
        if (!best || dev > best.dev) best = { index: grid.length - 1, dev, result };
      } catch (error) {
        if (!isError(error, DivergedError)) throw error;
        diverged = error;
        grid.push({ ...point, step: error.step, diverged: true, history: [], seconds: seconds() });
      }
    }
  }
  if (!best) throw diverged!;
  const { scores: tuned, logits } = await test(best.result.model);
  const written = await writeTuned(
    directory,
    request.base,
    space,
    best.result.model,
    request.baseDirectory,
    options,
  );
  const { shots, seed } = sample;
  const dimension = movingNumbers(space);
  const result: TunedSample = {
    ...{ shots, seed, directory, grid, chosen: best.index, tuned, dimension, written },
    ...(zeroShot && { zeroShot }),
  };
  const { model } = best.result;
  const training = trainingDirectory(directory, grid[best.index]!);
  await request.onTuned?.({ sample, task, labelWordIds, runtime, space, model, logits, training, result });
  return result;
};

const trainingDirectory = (
  directory: string,
  { learningRate, batchSize }: Pick<GridPoint, 'learningRate' | 'batchSize'>,
): string => join(directory, `lr-${learningRate}-batch-${batchSize}`);

/** The classifier is new, so it trains whatever the space is. */
const moves = (space: SpaceModel, parameter: string): boolean =>
  space.trainable.has(parameter) || parameter.startsWith('classifier.');

const movingNumbers = (space: SpaceModel): number => {
  const stored = new Map(
    [...space.parameters]
      .filter(([name]) => moves(space, name))
      .map(([name, shape]) => [space.storedName(name), sizeOf(shape)]),
  );
  return [...stored.values()].reduce((sum, size) => sum + size, 0);
};

const trainPoint = (
  { settings, sample, runtime, task, labelWordIds, directory }: SampleRequest,
  space: SpaceModel,
  { learningRate, batchSize }: Pick<GridPoint, 'learningRate' | 'batchSize'>,
  { signal, onProgress }: LongTaskOptions,
): Promise<FineTuned> => {
  const { optimizer, momentum, weightDecay, clipNorm, evaluateEvery, patience, trajectory } = settings;
  const split = (name: 'train' | 'dev') => ({ examples: sample.examples[name], labels: sample.labels[name] });
  const [metric] = task.metrics;
  const name = `lr ${learningRate} batch ${batchSize}`;
  return fineTune({
    runtime,
    model: space,
    trainable: (parameter) => moves(space, parameter),
    labelWordIds,
    train: split('train'),
    dev: split('dev'),
    metric: (predicted, gold) => evaluate(task, predicted, gold)[metric] ?? Number.NaN,
    ...(task.range && { range: task.range }),
    optimizer: optimizerOptions(optimizer, { momentum, weightDecay }),
    learningRate,
    schedule: { decay: settings.schedule, warmUpSteps: settings.warmUpSteps },
    steps: settings.steps,
    batchSize,
    accumulationSteps: settings.accumulationSteps,
    dropout: settings.dropout,
    seed: sample.seed,
    directory: trainingDirectory(directory, { learningRate, batchSize }),
    ...(clipNorm !== null && { clipNorm }),
    ...(evaluateEvery !== undefined && { evaluateEvery }),
    ...(patience !== undefined && { patience }),
    ...(trajectory && { trajectory }),
    ...(signal && { signal }),
    ...(onProgress && {
      onProgress: (event) =>
        onProgress({ ...event, detail: [name, event.detail].filter(Boolean).join(', ') }),
    }),
  });
};

const scoresOf = (task: TaskSpec, logits: NDArray, labels: readonly number[]): Scores =>
  evaluate(task, predictions(logits, task.range), labels);
