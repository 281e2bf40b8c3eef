import { type LongTaskOptions, throwIfCancelled } from '@ntk-lens/core';
import type { Resident, Runtime } from '@ntk-lens/engine';
import type { Named } from '../chain/stage-tensors.js';
import type { LanguageModel } from '../language-model.js';
import { readTensors } from './read-tensors.js';
import type { StageWeights } from './stage-weights.js';
import { useKey, type WeightedStage, weightUses } from './weight-uses.js';

/** Weights of stages that are in a runtime's memory, all of them. */
export interface ResidentWeights extends StageWeights {
  of(stage: WeightedStage): Named<Resident>;
  release(): void;
}

/**
 * Uploads the weights that stages use, each once: a tensor that several stages, or several parts of a fused
 * projection, or a tied decoder need is read from the file once.
 *
 * @example
 * ```ts
 * const stages = model.stages(labelWordIds);
 * const weights = await uploadStageWeights(runtime, model, stages);
 * const chain = new StageChain({ runtime, stages, weightsOf: (stage) => weights.of(stage) });
 * weights.release();
 * ```
 * @param stages all stages of a model; `openStageWeights` reads them one at a time where memory is short
 * @param options progress counts tensors
 * @throws NonFiniteWeightError for NaN or infinity in a weight; CancelledError
 */
export const uploadStageWeights = async (
  runtime: Runtime,
  model: Pick<LanguageModel, 'read' | 'storedName'>,
  stages: readonly WeightedStage[],
  { signal, onProgress }: LongTaskOptions = {},
): Promise<ResidentWeights> => {
  const uses = weightUses(model, stages);
  const resident = new Map<string, Resident>();
  const release = () => {
    runtime.release(resident.values());
    resident.clear();
  };
  let done = 0;
  try {
    await readTensors(model, uses, {
      check: () => throwIfCancelled(signal, 'Reading the weights'),
      take: async (key, array) => void resident.set(key, await runtime.upload(array)),
      onTensor: () => onProgress?.({ phase: 'weights', done: ++done, total: uses.size, unit: 'tensors' }),
    });
  } catch (error) {
    release();
    throw error;
  }
  return {
    of: ({ name, weights }) =>
      Object.fromEntries(
        Object.entries(weights).map(([local, ref]) => {
          const tensor = resident.get(useKey(model.storedName(ref.name), ref));
          if (!tensor) throw new Error(`Weights of stage ${name} were not uploaded, or were released.`);
          return [local, tensor];
        }),
      ),
    turnTo: () => {},
    release,
  };
};
