import type { ReadOptions } from '@ntk-lens/checkpoints';
import type { NDArray } from '@ntk-lens/core';
import type { LanguageModel } from '../language-model.js';
import { type ParameterRef, rowsOf } from '../sites/parameter-ref.js';
import { takePart } from './take-part.js';
import type { WeightUses } from './weight-uses.js';

// Two reads in flight keep the disk busy while the third tensor is checked and handed over.
const READS_IN_FLIGHT = 3;

/** The calls that are made while tensors are read. */
export interface ReadingHooks {
  /** Called before each tensor; what it throws ends the reading. */
  readonly check: () => void;
  /** Takes a part of a tensor that is used, a fresh array. */
  readonly take: (key: string, array: NDArray<'float32'>) => Promise<void>;
  /** Called after each tensor. */
  readonly onTensor?: () => void;
  readonly allocate?: ReadOptions['allocate'];
}

/**
 * Reads the parts of stored tensors that are used, each tensor once. Rejects with the first failure, after all reads that
 * began have ended.
 */
export const readTensors = async (
  model: Pick<LanguageModel, 'read'>,
  uses: WeightUses,
  { check, take, onTensor, allocate }: ReadingHooks,
): Promise<void> => {
  const queue = [...uses.values()];
  let next = 0;
  let failed = false;
  const work = async (): Promise<void> => {
    while (next < queue.length && !failed) {
      check();
      for (const [key, array] of await readParts(model, queue[next++]!, allocate)) await take(key, array);
      onTensor?.();
    }
  };
  const workers = Array.from({ length: READS_IN_FLIGHT }, () =>
    work().catch((error: unknown) => {
      failed = true;
      throw error;
    }),
  );
  for (const worker of await Promise.allSettled(workers))
    if (worker.status === 'rejected') throw worker.reason;
};

/** Parts of one stored tensor: it is read once, or only the rows that are used of it. */
const readParts = async (
  model: Pick<LanguageModel, 'read'>,
  uses: ReadonlyMap<string, ParameterRef>,
  allocate: ReadOptions['allocate'],
): Promise<(readonly [string, NDArray<'float32'>])[]> => {
  const refs = [...uses];
  const { name } = refs[0]![1];
  if (refs.every(([, ref]) => takesFewRows(ref))) {
    const parts: (readonly [string, NDArray<'float32'>])[] = [];
    for (const [key, ref] of refs) parts.push([key, await readRowsOf(model, { ...ref, name })]);
    return parts;
  }
  const whole = refs.some(([, { part }]) => part === undefined);
  const array = await model.read(name, { allocate: whole ? allocate : undefined });
  // Parts are copied before the whole is handed over.
  refs.sort(([, a], [, b]) => Number(a.part === undefined) - Number(b.part === undefined));
  return refs.map(([key, { part }]) => [key, takePart(array, part, allocate)] as const);
};

const takesFewRows = (ref: ParameterRef): boolean => (rowsOf(ref)?.length ?? Infinity) < (ref.shape[0] ?? 0);

const readRowsOf = async (
  model: Pick<LanguageModel, 'read'>,
  ref: ParameterRef,
): Promise<NDArray<'float32'>> => {
  const array = await model.read(ref.name, { rows: rowsOf(ref) });
  // Some models give the whole.
  return array.shape[0] === ref.shape[0] ? takePart(array, ref.part) : array;
};
