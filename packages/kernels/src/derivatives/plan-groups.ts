import type { EncodedExample } from '@ntk-lens/core';
import { exceedsMemory, type LanguageModel, streamedBytesOf, weightBytesOf } from '@ntk-lens/models';
import { MemoryBudgetError } from '../errors.js';
import { sgd } from '../formulas/sgd.js';
import { kernelBatches, mostInBatch } from '../plan/kernel-batches.js';
import { fixedBytes, type MemoryModel } from '../plan/memory.js';

/** The parts of a model that the memory of its passes depends on. */
export interface GroupedModel extends Pick<MemoryModel, 'stages' | 'active'> {
  readonly model: LanguageModel;
  readonly batchSize: number;
  /** Tokens of a batch, at most. Default: those of kernels. */
  readonly batchTokens?: number;
  readonly memory: number;
  /** Read the weights stage by stage, or not, whatever the budget. */
  readonly streamed?: boolean;
}

/** The vectors that a pass holds. */
export interface PassVectors {
  /** Cotangents that go backwards for every example. */
  readonly cotangents: number;
  /** Directions that they are multiplied with. */
  readonly directions: number;
  /** Bytes that are held all the time, for other things. */
  readonly held?: number;
}

type PlannedBatches = ReturnType<typeof kernelBatches>;

/** Batches that run through all stages together, as many as the budget takes. */
export interface Group {
  readonly batches: PlannedBatches;
  /** Bytes of the budget that they leave. */
  room: number;
}

/** Whether the weights of a model are streamed: where they are asked to be, or leave no room for the work on them. */
export const streamsWeights = ({ model, stages, memory, streamed }: GroupedModel): boolean =>
  streamed ?? exceedsMemory(model, stages, memory);

/**
 * Divides examples into groups of batches.
 *
 * @throws MemoryBudgetError
 */
export const planGroups = (
  own: GroupedModel,
  examples: readonly EncodedExample[],
  { cotangents, directions, held = 0 }: PassVectors,
): Group[] => {
  const { model, stages, active, batchSize, batchTokens, memory } = own;
  const { hiddenSize, maxTokens } = model.config;
  const lengths = examples.map(({ inputIds }) => inputIds.length);
  const batches = kernelBatches(lengths, batchSize, maxTokens, batchTokens);
  const widest = Math.max(
    ...stages.map(({ weights }) =>
      Object.values(weights).reduce((sum, { shape }) => sum + 4 * shape.reduce((a, b) => a * b, 1), 0),
    ),
  );
  const padTo = batches.reduce((most, { length }) => Math.max(most, length), 0);
  const weightBytes = (streamsWeights(own) ? streamedBytesOf : weightBytesOf)(model, stages);
  const memoryModel = { stages, active, hiddenSize, outputs: cotangents, maps: sgd, weightBytes, padTo };
  const most = batchTokens === undefined ? batchSize : mostInBatch(batchSize, padTo, batchTokens);
  const fixed = fixedBytes(memoryModel, most) + widest * directions + held;
  const bytesOf = ({ indices, length }: PlannedBatches[number]) =>
    4 * indices.length * length * hiddenSize * (stages.length + 2 * cotangents + directions);
  const largest = batches.reduce((bytes, batch) => Math.max(bytes, bytesOf(batch)), 0);
  if (fixed + largest > memory) throw new MemoryBudgetError(memory, fixed + largest);
  const groups: Group[] = [];
  for (const batch of batches) {
    const bytes = bytesOf(batch);
    if (bytes > (groups.at(-1)?.room ?? 0)) groups.push({ batches: [], room: memory - fixed });
    const group = groups.at(-1)!;
    group.batches.push(batch);
    group.room -= bytes;
  }
  return groups;
};
