import type { LongTaskOptions, NDArray } from '@ntk-lens/core';
import { mapAhead, type Resident, type Runtime } from '@ntk-lens/engine';
import type { StageChain } from '@ntk-lens/models';
import type { Contractor } from '../contract/contractor.js';
import type { ActiveParameters } from '../factors/active-parameters.js';
import { type BatchFactors, type ExampleBatch, stageFactors } from '../factors/stage-factors.js';
import type { VectorLengths } from '../sites/kernel-site.js';
import { LentTensors } from './lent-tensors.js';

/** The part of the rows in tiles, which was computed before. */
export interface KnownRows {
  /** Factors of a stage, batch by batch. */
  readonly factorsOf: (stage: number) => Promise<readonly BatchFactors[]>;
  /** They stay in the runtime when a tile has used them. */
  readonly stay: boolean;
  /** f(·; θ₀) `[rows, C]`. */
  readonly outputs: NDArray;
}

export interface StreamOptions extends LongTaskOptions {
  readonly active: readonly ActiveParameters[];
  readonly lengths: VectorLengths;
  /** The work that is done, and the part of it, for progress. */
  readonly phase: string;
  readonly label: string;
  /** Called after each stage. */
  readonly check?: (stage: string) => void;
  /** Factors of the rows, where they are known already. */
  readonly known?: Pick<KnownRows, 'factorsOf' | 'stay'>;
}

/** A tile: its columns, and what takes the factors of its examples, and frees those that the runtime owns. */
export interface StreamedTile {
  readonly columns: readonly ExampleBatch[];
  readonly contractorOf: (runtime: Runtime) => Contractor;
}

/**
 * Streams batches through the stages from the head down. In every stage the factors of the rows are computed once, and
 * then those of one tile's columns after another, which are given to its contractor and dropped. So only one stage's factors
 * of the rows and of one tile exist at a time (docs/architecture.md).
 *
 * @param rows batches after their forward pass, as the columns are; `indices` count within the rows, and within the columns.
 *   None where their factors are known
 */
export const streamStages = async (
  chain: StageChain,
  rows: readonly ExampleBatch[],
  tiles: readonly StreamedTile[],
  { active, lengths, phase, label, check, known, onProgress }: StreamOptions,
): Promise<void> => {
  const { stages, runtime } = chain;
  // The last tile owns the factors of the rows, unless they stay, and the others borrow them.
  const lent = new LentTensors(runtime);
  const owner = known?.stay ? undefined : tiles.length - 1;
  const contractors = tiles.map(({ contractorOf }, t) => contractorOf(t === owner ? runtime : lent));
  for (const [i, stage] of [...stages].reverse().entries()) {
    const index = stages.length - 1 - i;
    const factorsOf = (batch: ExampleBatch) => stageFactors(chain, index, batch, active[index]!, lengths);
    const own: BatchFactors[] = [...((await known?.factorsOf(index)) ?? [])];
    for (const [t, { columns }] of tiles.entries()) {
      const all = await mapAhead(t === 0 ? [...rows, ...columns] : columns, factorsOf);
      if (t === 0) {
        own.push(...all.splice(0, rows.length));
        lent.lend(own.flatMap(tensorsOf));
      }
      // Factors need the weights of the stage, and their products do not.
      if (t === tiles.length - 1 && index > 0) chain.turnTo(index - 1);
      await contractors[t]!.contract(index, { rows: own, columns: all });
    }
    check?.(stage.name);
    const detail = `${stage.name}, ${label}`;
    onProgress?.({ phase, done: i + 1, total: stages.length, unit: 'stages', detail });
  }
  for (const contractor of contractors) contractor.finish?.();
  check?.('projection');
};

/** Every tensor of a batch's factors. */
export const tensorsOf = ({ matrices, vectors, rows }: BatchFactors): Resident[] => [
  ...matrices.flatMap(({ a, b }) => [a, ...b]),
  ...(vectors ? [vectors] : []),
  ...rows,
];
