import { type LongTaskOptions, sizeOf } from '@ntk-lens/core';
import { type LanguageModel, withReadCache } from '@ntk-lens/models';
import { predictions, type SpaceModel } from '@ntk-lens/subspace';
import { evaluate } from '@ntk-lens/tasks';
import { asSpace } from '../kernel/kernel-choice.js';
import { labelLogits } from '../methods/forward.js';
import { fitProbe } from '../methods/probe-head.js';
import { diskOf } from '../session/disk.js';
import type { Session } from '../session/session.js';
import type { LensTask } from '../task/lens-task.js';
import type { FineTuned, FineTuneOptions } from './fine-tuned.js';
import { refuseTraining } from './refuse-training.js';
import { resolveTraining } from './resolve-training.js';
import { folderOf, trainGrid } from './train-grid.js';
import { moves, randomStart, trainingStart } from './training-start.js';

/** `lens.fineTune`: trains at every point of the grid, keeps what dev chooses, and tests it. */
export const fineTuneTask = (
  session: Session,
  task: LensTask,
  options: FineTuneOptions = {},
): Promise<FineTuned> => {
  const work = () => keptTraining(session, task, options);
  return options.directory === undefined ? work() : diskOf(session).locked(options.directory, work);
};

const keptTraining = async (
  session: Session,
  task: LensTask,
  options: FineTuneOptions,
): Promise<FineTuned> => {
  const { signal, onProgress, space: asked = session.space, directory, replace, ...given } = options;
  const long = { signal, onProgress };
  const space = asSpace(asked);
  const training = resolveTraining(given);
  await refuseTraining(session.model, [task], space, training, directory);
  const disk = directory === undefined ? undefined : diskOf(session);
  if (replace && directory !== undefined) await disk?.remove(directory);
  const runtime = await session.shared.open();
  const base = withReadCache(session.model);
  const start = await trainingStart(base, task, space, await headOf(session, task, training.standard, long));
  const zeroShot = task.prompt && (await testsOf(session, task, start, long)).scores;
  const { grid, chosen, trained } = await trainGrid(
    { runtime, start, task, training, memory: session.memory, directory },
    long,
  );
  const { model } = trained;
  const { scores, logits } = await testsOf(session, task, model, long);
  const save = (path: string, options: LongTaskOptions = {}): Promise<string> =>
    diskOf(session).writeTuned(path, { base, start, model, baseDirectory: session.directory }, options);
  return {
    ...{ task, grid, chosen, zeroShot, ...scores, dimension: movingNumbers(start) },
    ...{ space: start, model, logits, save },
    training: directory === undefined ? undefined : `${directory}/${folderOf(grid[chosen]!)}`,
    written: directory === undefined ? undefined : await save(directory, long),
  };
};

/** The classifier of a task without a prompt, where it starts. */
const headOf = async (
  session: Session,
  task: LensTask,
  standard: 'random' | 'probe' | undefined,
  long: LongTaskOptions,
) => {
  if (task.prompt) return undefined;
  return standard === 'probe' ? fitProbe(session, task, long) : randomStart(session.model, task);
};

/** Scores on dev and test, and what the model says of the test examples. */
const testsOf = async (
  session: Session,
  { spec, examples, gold, range, labelWordIds }: LensTask,
  model: LanguageModel,
  long: LongTaskOptions,
) => {
  const logitsOf = (split: 'dev' | 'test') =>
    labelLogits({ ...session, model }, examples[split], labelWordIds, long);
  const [dev, logits] = [await logitsOf('dev'), await logitsOf('test')];
  const scores = {
    dev: evaluate(spec, predictions(dev, range), gold.dev),
    test: evaluate(spec, predictions(logits, range), gold.test),
  };
  return { scores, logits };
};

const movingNumbers = (space: SpaceModel): number => {
  const stored = new Map(
    [...space.parameters]
      .filter(([name]) => moves(space, name))
      .map(([name, shape]) => [space.storedName(name), sizeOf(shape)]),
  );
  return [...stored.values()].reduce((sum, size) => sum + size, 0);
};
