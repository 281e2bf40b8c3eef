import { type LongTaskOptions, throwIfCancelled } from '@ntk-lens/core';
import { naturalOverWidths } from '../../ladder/natural-over-widths.js';
import type { RungChi } from '../../ladder/rung-measurement.js';
import type { PowerLaw } from '../../statistics/power-law.js';
import type { Finding } from '../../verdict.js';
import { type OpenRungOptions, withRung } from './open-rung.js';
import { readLadder } from './read-ladder.js';
import { rungChi } from './rung-chi.js';

/** Output derivatives over the widths of a ladder. */
export interface LadderChi {
  readonly rungs: readonly RungChi[];
  /** Exponent of width; absent where none can be fitted. */
  readonly law?: PowerLaw;
  /** Whether the task is natural. */
  readonly finding: Finding;
}

export interface LadderChiOptions extends LongTaskOptions, OpenRungOptions {
  /** Directories of a ladder that `pretrain` wrote, or of models that differ in width. */
  readonly directories: readonly string[];
}

/**
 * Asks whether a task is natural, that is, whether mean |χ| falls with width (docs/theory.md, Definitions). It is the first
 * part of `checkLadder`, with the same numbers and the same measurements that are kept, and takes a forward pass of each model.
 *
 * @example
 * ```ts
 * const { rungs, law } = await ladderChi({ runtime, directories: ['ladder'], task: () => task });
 * rungs.map(({ width, chi }) => [width, chi]);
 * ```
 * @throws NoLadderError, MixedLadderError; what loading models causes; CancelledError
 */
export const ladderChi = async (options: LadderChiOptions): Promise<LadderChi> => {
  const ladder = await readLadder(options.directories);
  const rungs: RungChi[] = [];
  for (const [i, rung] of ladder.entries()) {
    throwIfCancelled(options.signal, 'The ladder check');
    const { directory, width, seed } = rung;
    rungs.push({ directory, width, seed, chi: await withRung(options, rung, rungChi) });
    const detail = `width ${width}, seed ${seed}`;
    options.onProgress?.({ phase: 'ladder', done: i + 1, total: ladder.length, unit: 'models', detail });
  }
  return { rungs, ...naturalOverWidths(rungs) };
};
