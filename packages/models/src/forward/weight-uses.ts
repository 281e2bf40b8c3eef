import { sizeOf } from '@ntk-lens/core';
import type { LanguageModel } from '../language-model.js';
import { type ParameterRef, usedSize } from '../sites/parameter-ref.js';
import type { Stage } from '../stages/stage.js';

/** The part of a stage that its weights depend on. */
export type WeightedStage = Pick<Stage, 'name' | 'weights'>;

/** Uses of stored tensors: stored name → what is uploaded → where it is used. */
export type WeightUses = ReadonlyMap<string, ReadonlyMap<string, ParameterRef>>;

/** Identifies what is uploaded: two uses of the same part of the same stored tensor share one copy. */
export const useKey = (stored: string, { part }: ParameterRef): string =>
  `${stored} ${JSON.stringify(part ?? null)}`;

/** The parts of stored tensors that stages use, each once. */
export const weightUses = (
  model: Pick<LanguageModel, 'storedName'>,
  stages: readonly WeightedStage[],
): WeightUses => {
  const wanted = new Map<string, Map<string, ParameterRef>>();
  for (const ref of stages.flatMap(({ weights }) => Object.values(weights))) {
    const stored = model.storedName(ref.name);
    const uses = wanted.get(stored) ?? new Map<string, ParameterRef>();
    wanted.set(stored, uses.set(useKey(stored, ref), ref));
  }
  return wanted;
};

const usesOf = (
  model: Pick<LanguageModel, 'storedName'>,
  stages: readonly WeightedStage[],
): readonly ParameterRef[] => [...weightUses(model, stages).values()].flatMap((uses) => [...uses.values()]);

/** Bytes of the weights of stages in memory. */
export const weightBytesOf = (
  model: Pick<LanguageModel, 'storedName'>,
  stages: readonly WeightedStage[],
): number => usesOf(model, stages).reduce((sum, ref) => sum + 4 * usedSize(ref), 0);

/** Bytes of the weights of stages where they are stored. */
export const storedBytesOf = (
  model: Pick<LanguageModel, 'storedName' | 'storedBytes'>,
  stages: readonly WeightedStage[],
): number =>
  usesOf(model, stages).reduce((sum, ref) => {
    const whole = sizeOf(ref.shape);
    return sum + ((model.storedBytes?.(ref.name) ?? 4 * whole) / whole) * usedSize(ref);
  }, 0);

/**
 * The most bytes of the weights of stages that follow each other: those that are in memory where weights stream.
 *
 * @param together number of stages: two, or one where work says when it turns to a stage
 */
export const streamedBytesOf = (
  model: Pick<LanguageModel, 'storedName'>,
  stages: readonly WeightedStage[],
  together: 1 | 2 = 2,
): number =>
  Math.max(
    ...stages.map((_, index) =>
      weightBytesOf(model, stages.slice(Math.max(0, index + 1 - together), index + 1)),
    ),
  );
