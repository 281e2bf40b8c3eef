import type { Batch } from '@ntk-lens/models';
import type { Sweep } from './tile-plan.js';

/** Training examples whose factors one process computes for all that share a kernel: some batches of a panel of rows. */
export interface StateShare {
  /** The panel. */
  readonly rows: readonly number[];
  /** Batches of the panel; indices count within it. */
  readonly batches: readonly Batch[];
}

/** Rows of several sweeps, whose factors are computed once and read by every process that needs them. */
export interface StatesPlan {
  readonly shares: readonly StateShare[];
}

/** Budgets that the files of states take at most: with more, reading them would take longer than computing them. */
const MOST_BUDGETS = 4;

/**
 * True where the factors of the training examples are few enough to be shared as files.
 *
 * @param bytes that the factors of all stages take
 * @param memory budget of a process, bytes
 */
export const fitStates = (bytes: number, memory: number): boolean => bytes <= MOST_BUDGETS * memory;

/**
 * Cuts the rows of sweeps into shares of whole batches, about as many as processes and of about equal size. A batch is what it is
 * in a process that computes the rows for itself, so that its numbers are the same. Rows of one sweep only are not shared.
 *
 * @returns undefined where nothing is shared
 */
export const planStates = (
  sweeps: readonly Sweep[],
  batchesOf: (rows: readonly number[]) => readonly Batch[],
  processes: number,
): StatesPlan | undefined => {
  const panels = new Map<readonly number[], number>();
  for (const [tile] of sweeps) panels.set(tile!.rows, 1 + (panels.get(tile!.rows) ?? 0));
  const several = [...panels].flatMap(([rows, count]) => (count > 1 ? [rows] : []));
  const shares = several.flatMap((rows) =>
    inShares(batchesOf(rows), processes).map((batches) => ({ rows, batches })),
  );
  return shares.length === 0 ? undefined : { shares };
};

const inShares = (batches: readonly Batch[], most: number): readonly (readonly Batch[])[] => {
  const tokens = batches.map(({ indices, length }) => indices.length * length);
  const share = tokens.reduce((sum, own) => sum + own, 0) / most;
  const shares = Array.from({ length: most }, (): Batch[] => []);
  let before = 0;
  for (const [i, batch] of batches.entries()) {
    shares[Math.min(most - 1, Math.floor((before + tokens[i]! / 2) / share))]!.push(batch);
    before += tokens[i]!;
  }
  return shares.filter((own) => own.length > 0);
};
