import { type LadderChi, ladderChi, type RungChi, readLadder } from '@ntk-lens/tensor-programs';
import type { RunConfig } from '../../options/run-config.js';
import { keepMeasurements } from '../../run/widths/keep-measurements.js';
import { ladderTask, onLadder } from '../../run/widths/ladder-task.js';
import type { ReproducedLadder } from '../ladder.js';
import { numbersOf, type ProtocolCell } from './protocol-cell.js';

/** Mean |χ| of every model of a ladder, without their places. */
export interface LadderResult extends Omit<LadderChi, 'rungs'> {
  readonly rungs: readonly Omit<RungChi, 'directory'>[];
}

/**
 * Output derivatives of the models of a ladder on one sample. Its measurements are those of `ntk-lens check --ladder`, which
 * are read where they are kept.
 */
export const ladderCell = (
  sample: RunConfig,
  { directories, hash }: ReproducedLadder,
): ProtocolCell<LadderResult> => {
  const run = onLadder(sample, directories);
  const folder = `${sample.task}/ladder-${sample.shots[0]}`;
  return {
    ...{ key: folder, folder, run: sample, order: 0 },
    what: '|χ| against width',
    identity: { kind: 'ladder', ladder: hash, ...numbersOf(sample) },
    refuse: async ({ runtime }) => {
      const taskOf = ladderTask(run, runtime, {});
      for (const { directory } of await readLadder(directories)) await taskOf(directory);
    },
    compute: async ({ lens, out, signal, onProgress }) => {
      const long = { signal, onProgress };
      const { rungs, law, finding } = await ladderChi({
        ...{ runtime: await lens.runtime.open(), directories, ...long },
        task: ladderTask(run, lens.runtime, long),
        keep: keepMeasurements(out),
      });
      return { rungs: rungs.map(({ width, seed, chi }) => ({ width, seed, chi })), law, finding };
    },
    // Models of other sizes than that of the session have no plan here.
    forecast: async () => undefined,
  };
};
