import type { LongTaskOptions } from '@ntk-lens/core';
import { mapAhead } from '@ntk-lens/engine';
import type { StageChain } from '@ntk-lens/models';
import type { Contractor } from '../contract/contractor.js';
import type { Sides } from '../contract/pairs.js';
import type { ActiveParameters } from '../factors/active-parameters.js';
import { type ExampleBatch, stageFactors } from '../factors/stage-factors.js';
import type { VectorLengths } from '../sites/kernel-site.js';

export interface StreamOptions extends LongTaskOptions {
  readonly active: readonly ActiveParameters[];
  readonly lengths: VectorLengths;
  /** The work that is done, and the part of it, for progress. */
  readonly phase: string;
  readonly label: string;
  /** Called after each stage. */
  readonly check?: (stage: string) => void;
}

/**
 * Streams batches through the stages from the head down: the factors of all batches are computed, given to the
 * contractor and dropped, so only one stage's factors exist at a time (docs/architecture.md).
 *
 * @param batches after their forward pass; `indices` count within the rows, and within the columns
 */
export const streamStages = async (
  chain: StageChain,
  batches: Sides<ExampleBatch>,
  contractor: Contractor,
  { active, lengths, phase, label, check, onProgress }: StreamOptions,
): Promise<void> => {
  const { stages } = chain;
  const { rows, columns } = batches;
  for (const [i, stage] of [...stages].reverse().entries()) {
    const index = stages.length - 1 - i;
    const own = active[index]!;
    const all = await mapAhead([...rows, ...columns], (batch) =>
      stageFactors(chain, index, batch, own, lengths),
    );
    await contractor.contract(index, { rows: all.slice(0, rows.length), columns: all.slice(rows.length) });
    check?.(stage.name);
    const detail = `${stage.name}, ${label}`;
    onProgress?.({ phase, done: i + 1, total: stages.length, unit: 'stages', detail });
  }
  contractor.finish?.();
  check?.('projection');
};
