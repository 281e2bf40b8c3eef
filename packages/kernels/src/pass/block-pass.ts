import type { LongTaskOptions } from '@ntk-lens/core';
import { Accumulators, type BlockLevel } from '../contract/accumulators.js';
import { NonFiniteKernelError } from '../errors.js';
import { ProjectedContractor } from '../projected/projected-contractor.js';
import type { ExampleBatch } from './example-batch.js';
import type { KernelContext } from './kernel-context.js';
import { mapAhead } from './map-ahead.js';
import { type Contractor, StageContractor } from './stage-contractor.js';
import { type BatchFactors, stageFactors } from './stage-factors.js';

/** One block of the kernel: all rows against all columns, and the rows among themselves. */
export interface BlockPassOptions extends LongTaskOptions {
  /** Batches of row and column examples, after their forward pass; `indices` count within the block. */
  readonly rows: readonly ExampleBatch[];
  readonly columns: readonly ExampleBatch[];
  /** Also compute rows × rows. */
  readonly self: boolean;
  readonly level: BlockLevel;
  /** Which pass this is, for progress. */
  readonly label: string;
}

const countOf = (batches: readonly ExampleBatch[]): number =>
  batches.reduce((sum, b) => sum + b.indices.length, 0);

/**
 * Streams a block through the stages from the head down: per stage, the factors of all batches are computed,
 * contracted and dropped, so only one stage's factors exist at a time (DESIGN §4).
 */
export const blockPass = async (context: KernelContext, options: BlockPassOptions): Promise<Accumulators> => {
  const { rows, columns, self, level, label, signal, onProgress } = options;
  const accumulators = Accumulators.create({
    level,
    formula: context.formula,
    rows: countOf(rows),
    columns: countOf(columns),
    outputs: context.readouts.length,
    self,
  });
  const contractor: Contractor = context.projection
    ? new ProjectedContractor(context, accumulators, countOf(rows), countOf(columns))
    : new StageContractor(context, accumulators);
  const total = context.stages.length;
  for (let index = total - 1; index >= 0; index--) {
    const factors = (batches: readonly ExampleBatch[]): Promise<BatchFactors[]> =>
      mapAhead(batches, (batch) => stageFactors(context, index, batch, signal));
    const all = await factors([...rows, ...columns]);
    const stage = { rows: all.slice(0, rows.length), columns: all.slice(rows.length) };
    await contractor.contract(index, stage);
    const bad = accumulators.nonFinite;
    if (bad !== undefined) throw new NonFiniteKernelError(context.stages[index]!.name, bad);
    onProgress?.({
      phase: 'kernel',
      done: total - index,
      total,
      unit: 'stages',
      detail: `${context.stages[index]!.name}, pass ${label}`,
    });
  }
  contractor.finish?.();
  const bad = accumulators.nonFinite;
  if (bad !== undefined) throw new NonFiniteKernelError('projection', bad);
  return accumulators;
};
