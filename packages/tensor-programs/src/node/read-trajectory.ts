import { join } from 'node:path';
import type { LanguageModel } from '@ntk-lens/models';
import { readPoint, readStoredTraining, verifyStoredFile } from '@ntk-lens/subspace';
import { NoTrajectoryError, OtherStartError } from '../errors.js';
import type { TrajectoryPoint } from '../trajectory/trajectory-point.js';

/**
 * The points that `fineTune` left in its directory, in the order of steps, checked to start from this model.
 *
 * @example
 * ```ts
 * const points = await readTrajectory('runs/tuned', space);
 * const changes = await measureFeatures({ runtime, space, examples, labelWordIds, formula: 'sgd', points });
 * ```
 * @param directory directory of one training
 * @param model the one that was fine-tuned: in the same space, at θ₀
 * @returns points whose files are verified when they are opened
 * @throws NoTrajectoryError where there are no points; OtherStartError for a training from another θ₀;
 * DamagedCheckpointError;
 *   OldCheckpointError
 */
export const readTrajectory = async (
  directory: string,
  model: LanguageModel,
): Promise<readonly TrajectoryPoint[]> => {
  const stored = await readStoredTraining(directory);
  if (stored === undefined) throw new NoTrajectoryError(directory);
  const expected = await model.hash();
  const found = stored.identity['model'];
  if (found !== expected)
    throw new OtherStartError(directory, typeof found === 'string' ? found : undefined, expected);
  const points = stored.files.trajectory.flatMap((file) => {
    const match = /step-(\d+)\.safetensors$/.exec(file.name);
    return match ? [{ step: Number(match[1]), file }] : [];
  });
  if (points.length === 0) throw new NoTrajectoryError(directory);
  return points
    .sort((a, b) => a.step - b.step)
    .map(({ step, file }) => ({
      step,
      open: async () => {
        await verifyStoredFile(directory, file);
        return readPoint(join(directory, file.name), model);
      },
    }));
};
