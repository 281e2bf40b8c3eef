import { openSafetensors } from '@ntk-lens/checkpoints';
import type { LanguageModel } from '@ntk-lens/models';
import { pointFrom } from '../../training/variables/stored-point.js';

/**
 * The model at a point of a trajectory that `fineTune` wrote.
 *
 * @example
 * ```ts
 * const early = await readPoint('runs/tuned/trajectory/step-000010.safetensors', model);
 * const logits = await forwardLogits({ model: early, runtime, examples, labelWordIds });
 * ```
 * @param model the one that was fine-tuned: in the same space, at the same starting point
 * @throws DamagedCheckpointError if the file is not whole or of another model
 */
export const readPoint = (file: string, model: LanguageModel): Promise<LanguageModel> =>
  pointFrom(() => openSafetensors(file), file, model);
