import { isError, type LongTaskOptions } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import { DivergedError, fineTune, type SpaceModel, type FineTuned as Trained } from '@ntk-lens/subspace';
import type { LensTask } from '../task/lens-task.js';
import type { GridPoint } from './fine-tuned.js';
import { pointOptions } from './point-options.js';
import { pointsOf, type ResolvedTraining, type TrainingPoint } from './resolve-training.js';
import { moves } from './training-start.js';

/** The common settings of a grid's trainings. */
export interface GridRequest {
  readonly runtime: Runtime;
  readonly start: SpaceModel;
  readonly task: LensTask;
  readonly training: ResolvedTraining;
  /** Budget in bytes. Default: 4 GiB. */
  readonly memory?: number;
  /** Each training has a folder in it. */
  readonly directory?: string;
}

/** Folder of the training at one point. */
export const folderOf = ({ learningRate, batchSize }: TrainingPoint): string =>
  `lr-${learningRate}-batch-${batchSize}`;

/**
 * Trains at every point of the grid; dev chooses. Points that were finished before are read.
 *
 * @throws DivergedError when every point diverges
 */
export const trainGrid = async (
  { runtime, start, task, training, memory, directory }: GridRequest,
  { signal, onProgress }: LongTaskOptions,
): Promise<{ readonly grid: readonly GridPoint[]; readonly chosen: number; readonly trained: Trained }> => {
  const grid: GridPoint[] = [];
  let best: { readonly chosen: number; readonly dev: number; readonly trained: Trained } | undefined;
  let diverged: DivergedError | undefined;
  for (const point of pointsOf(training)) {
    const from = performance.now();
    const seconds = () => (performance.now() - from) / 1000;
    const name = `lr ${point.learningRate} batch ${point.batchSize}`;
    try {
      const trained = await fineTune({
        ...pointOptions(task, training, point),
        ...{ runtime, model: start, memory, signal, trainable: (parameter) => moves(start, parameter) },
        directory: directory === undefined ? undefined : `${directory}/${folderOf(point)}`,
        onProgress: (event) =>
          onProgress?.({ ...event, detail: [name, event.detail].filter(Boolean).join(', ') }),
      });
      const { step, score: dev = Number.NEGATIVE_INFINITY } = trained.kept;
      grid.push({ ...point, dev, step, diverged: false, history: trained.history, seconds: seconds() });
      // The first of equals: the smaller rate and batch.
      if (!best || dev > best.dev) best = { chosen: grid.length - 1, dev, trained };
    } catch (error) {
      if (!isError(error, DivergedError)) throw error;
      diverged = error;
      grid.push({ ...point, step: error.step, diverged: true, history: [], seconds: seconds() });
    }
  }
  if (!best) throw diverged!;
  return { grid, chosen: best.chosen, trained: best.trained };
};
