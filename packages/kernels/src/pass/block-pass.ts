import type { LongTaskOptions } from '@ntk-lens/core';
import { Accumulators, type BlockLevel } from '../contract/accumulators.js';
import { contractStage, releaseFactors } from './contract-stage.js';
import type { ExampleBatch } from './example-batch.js';
import type { KernelContext } from './kernel-context.js';
import { type BatchFactors, stageFactors } from './stage-factors.js';

/** One block of the kernel: all rows against all columns, and the rows among themselves. */
export interface BlockPassOptions extends LongTaskOptions {
  /** Batches of row and column examples, after their forward pass; `indices` count within the block. */
  readonly rows: readonly ExampleBatch[];
  readonly columns: readonly ExampleBatch[];
  /** Also compute rows × rows. */
  readonly self: boolean;
  readonly level: BlockLevel;
}

const countOf = (batches: readonly ExampleBatch[]): number =>
  batches.reduce((sum, b) => sum + b.indices.length, 0);

/**
 * Streams a block through the stages from the head down: per stage, the factors of all batches are computed,
 * contracted and dropped, so only one stage's factors exist at a time (DESIGN §4).
 */
export const blockPass = async (context: KernelContext, options: BlockPassOptions): Promise<Accumulators> => {
  const { rows, columns, self, level, signal, onProgress } = options;
  const accumulators = Accumulators.create({
    level,
    formula: context.formula,
    rows: countOf(rows),
    columns: countOf(columns),
    outputs: context.readouts.length,
    self,
  });
  const total = context.stages.length;
  for (let index = total - 1; index >= 0; index--) {
    const factors = async (batches: readonly ExampleBatch[]): Promise<BatchFactors[]> => {
      const list: BatchFactors[] = [];
      for (const batch of batches) list.push(await stageFactors(context, index, batch, signal));
      return list;
    };
    const stage = { rows: await factors(rows), columns: await factors(columns) };
    await contractStage(context, index, stage, accumulators);
    releaseFactors(context.runtime, [...stage.rows, ...stage.columns]);
    onProgress?.({
      phase: 'kernel',
      done: total - index,
      total,
      unit: 'stages',
      detail: context.stages[index]!.name,
    });
  }
  return accumulators;
};
