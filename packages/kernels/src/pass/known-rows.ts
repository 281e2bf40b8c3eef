import type { EncodedExample, NDArray } from '@ntk-lens/core';
import type { StageChain } from '@ntk-lens/models';
import type { BatchFactors, ExampleBatch } from '../factors/stage-factors.js';
import type { KeptSites } from '../plan/kept-values.js';
import { type BatchPlan, forwardBatches, joinOutputs, openBatches, releaseBatches } from './example-batch.js';
import { type StreamOptions, streamStages } from './stream-stages.js';

/** The part of the rows in every tile: their factors by stage, which stay, and their outputs f `[rows, C]`. */
export interface KnownRows {
  readonly factors: readonly (readonly BatchFactors[])[];
  readonly outputs: NDArray;
}

export interface RowPlan extends BatchPlan {
  readonly kept: KeptSites;
  /** C. */
  readonly outputs: number;
}

/**
 * Runs the rows forward and backward, and keeps the factors of all stages.
 *
 * @param onStage called when all batches have passed a stage forwards
 */
export const computeRows = async (
  chain: StageChain,
  examples: readonly EncodedExample[],
  { kept, outputs, ...plan }: RowPlan,
  options: StreamOptions,
  onStage?: (index: number) => void,
): Promise<KnownRows> => {
  const batches: ExampleBatch[] = [];
  try {
    await openBatches(chain.runtime, examples, plan, batches);
    const values = await forwardBatches(chain, batches, kept, onStage);
    const factors: (readonly BatchFactors[])[] = [];
    const keep = async (index: number, { rows }: { readonly rows: readonly BatchFactors[] }) => {
      factors[index] = rows;
    };
    await streamStages(chain, batches, [{ columns: [], contractorOf: () => ({ contract: keep }) }], options);
    const valuesOf = (batch: ExampleBatch) => values[batches.indexOf(batch)]!;
    return { factors, outputs: joinOutputs(batches, valuesOf, examples.length, outputs) };
  } finally {
    releaseBatches(chain.runtime, batches);
  }
};
