import type { EncodedExample, NDArray } from '@ntk-lens/core';
import type { Batch, StageChain } from '@ntk-lens/models';
import type { BatchFactors, ExampleBatch } from '../factors/stage-factors.js';
import type { KeptSites } from '../plan/kept-values.js';
import { type BatchPlan, forwardBatches, joinOutputs, openBatches, releaseBatches } from './example-batch.js';
import { type StreamOptions, streamStages } from './stream-stages.js';

export interface RowPlan extends BatchPlan {
  readonly kept: KeptSites;
  /** C. */
  readonly outputs: number;
  /** Some batches of the rows. Default: all. */
  readonly batches?: readonly Batch[];
}

/**
 * Runs rows forward and backward by themselves.
 *
 * @param take receives the factors of every stage, from the head down, and owns them
 * @param onStage called when all batches have passed a stage forwards
 * @returns the outputs f(·; θ₀) `[rows, C]`, of the examples that ran
 */
export const runRows = async (
  chain: StageChain,
  examples: readonly EncodedExample[],
  { kept, outputs, batches: chosen, ...plan }: RowPlan,
  options: StreamOptions,
  take: (stage: number, factors: readonly BatchFactors[]) => Promise<void>,
  onStage?: (index: number) => void,
): Promise<NDArray> => {
  const batches: ExampleBatch[] = [];
  try {
    await openBatches(chain.runtime, examples, plan, batches, chosen);
    const values = await forwardBatches(chain, batches, kept, onStage);
    const contract = (index: number, { rows }: { readonly rows: readonly BatchFactors[] }) =>
      take(index, rows);
    await streamStages(chain, batches, [{ columns: [], contractorOf: () => ({ contract }) }], options);
    const valuesOf = (batch: ExampleBatch) => values[batches.indexOf(batch)]!;
    return joinOutputs(batches, valuesOf, examples.length, outputs);
  } finally {
    releaseBatches(chain.runtime, batches);
  }
};
