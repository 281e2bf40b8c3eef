import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LanguageModel } from '@ntk-lens/models';
import { readPoint } from '@ntk-lens/subspace';
import { NoTrajectoryError, OtherStartError } from '../errors.js';
import type { TrajectoryPoint } from '../trajectory/trajectory-point.js';

/**
 * The points that `fineTune` left in its directory, in the order of steps, checked to start from this model.
 *
 * @example
 * ```ts
 * const points = await readTrajectory('runs/…/training/lr-0.001-batch-8', model);
 * const { features } = await measureFeatures({ …, points });
 * ```
 * @param directory of one training
 * @param model the one that was fine-tuned: in the same space, at θ₀
 * @throws NoTrajectoryError where there are no points; OtherStartError for a training from another θ₀
 */
export const readTrajectory = async (
  directory: string,
  model: LanguageModel,
): Promise<readonly TrajectoryPoint[]> => {
  const folder = join(directory, 'trajectory');
  const record = join(directory, 'checkpoint.json');
  if (!existsSync(folder) || !existsSync(record)) throw new NoTrajectoryError(directory);
  const { identity } = JSON.parse(await readFile(record, 'utf8')) as {
    readonly identity?: { readonly model?: string };
  };
  const expected = await model.hash();
  if (identity?.model !== expected) throw new OtherStartError(directory, identity?.model, expected);
  const steps = (await readdir(folder)).flatMap((name) => {
    const match = /^step-(\d+)\.safetensors$/.exec(name);
    return match ? [{ step: Number(match[1]), file: join(folder, name) }] : [];
  });
  if (steps.length === 0) throw new NoTrajectoryError(directory);
  return steps
    .sort((a, b) => a.step - b.step)
    .map(({ step, file }) => ({ step, open: () => readPoint(file, model) }));
};
