import { type LongTaskOptions, throwIfCancelled } from '@ntk-lens/core';
import type { Resident, Runtime } from '@ntk-lens/engine';
import type { LanguageModel } from '../language-model.js';
import type { ParameterRef } from '../sites/parameter-ref.js';
import type { Stage } from '../stages/stage.js';
import { takePart } from './take-part.js';

/** Weights of stages in a runtime's memory. */
export interface StageWeights {
  /** A stage's weights by local name, as `Stage.weights` has them. */
  of(stage: Stage): Readonly<Record<string, Resident>>;
  /** Frees all of them. */
  release(): void;
}

// Two reads in flight keep the disk busy while the third tensor is checked and handed over.
const READS_IN_FLIGHT = 3;

/** Identifies what is uploaded: two uses of the same part of the same stored tensor share one copy. */
const useKey = (stored: string, { part }: ParameterRef): string =>
  `${stored} ${JSON.stringify(part ?? null)}`;

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
 * @param stages all stages of a model, or one at a time where memory is short
 * @param options progress counts tensors
 * @throws NonFiniteWeightError for NaN or infinity in a weight; CancelledError
 */
export const uploadStageWeights = async (
  runtime: Runtime,
  model: Pick<LanguageModel, 'read' | 'storedName'>,
  stages: readonly Stage[],
  options: LongTaskOptions = {},
): Promise<StageWeights> => {
  // Stored tensor → the parts of it that are used.
  const wanted = new Map<string, Map<string, ParameterRef>>();
  for (const ref of stages.flatMap((stage) => Object.values(stage.weights))) {
    const stored = model.storedName(ref.name);
    const uses = wanted.get(stored) ?? new Map<string, ParameterRef>();
    wanted.set(stored, uses.set(useKey(stored, ref), ref));
  }
  const resident = new Map<string, Resident>();
  const release = () => {
    runtime.release(resident.values());
    resident.clear();
  };
  const queue = [...wanted];
  const total = queue.length;
  let next = 0;
  let done = 0;
  let failed = false;
  const work = async (): Promise<void> => {
    while (next < queue.length && !failed) {
      throwIfCancelled(options.signal, 'Reading the weights');
      const [, uses] = queue[next++]!;
      const refs = [...uses];
      const array = await model.read(refs[0]![1].name);
      // Parts are copied before the whole is handed over to the runtime.
      refs.sort(([, a], [, b]) => Number(a.part === undefined) - Number(b.part === undefined));
      const parts = refs.map(([key, ref]) => [key, takePart(array, ref.part)] as const);
      for (const [key, part] of parts) resident.set(key, await runtime.upload(part));
      options.onProgress?.({ phase: 'weights', done: ++done, total, unit: 'tensors' });
    }
  };
  const workers = Array.from({ length: READS_IN_FLIGHT }, () =>
    work().catch((error: unknown) => {
      failed = true;
      throw error;
    }),
  );
  // All are waited for: none may upload after the release.
  for (const worker of await Promise.allSettled(workers)) {
    if (worker.status === 'fulfilled') continue;
    release();
    throw worker.reason;
  }
  return {
    of: (stage) =>
      Object.fromEntries(
        Object.entries(stage.weights).map(([local, ref]) => {
          const tensor = resident.get(useKey(model.storedName(ref.name), ref));
          if (!tensor) throw new Error(`Weights of stage ${stage.name} were not uploaded, or were released.`);
          return [local, tensor];
        }),
      ),
    release,
  };
};
