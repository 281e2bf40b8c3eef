import type { StateClaims } from '@ntk-lens/kernels';
import { markRunning, type ProcessMark, processesIn } from './marks.js';

/** Milliseconds from one sign of life to the next. */
const BEAT_MS = 10_000;
/** Milliseconds without one after which a process of which nothing else is known counts as gone. */
const SILENCE_MS = 60_000;

/**
 * Claims of shares of states, by marks in a directory of units: a share is computed by one process at a time. One that is gone
 * loses its claim at once where that is known, and else when it has been silent. Signs of life are counted, and no clock of
 * another machine is looked at. Two that claim a share at the same moment both give way.
 *
 * @param kernel tells the kernels of a directory apart
 */
export const claimsIn = (directory: string, kernel: number, silence = SILENCE_MS): StateClaims => {
  /** The last sign of life of each mark, and when it was seen here. */
  const signs = new Map<string, { readonly beat: number; readonly seen: number }>();
  const isSilent = ({ file, beat }: ProcessMark): boolean => {
    const sign = signs.get(file);
    if (sign?.beat === beat) return performance.now() - sign.seen > silence;
    signs.set(file, { beat, seen: performance.now() });
    return false;
  };
  const holders = async (name: string): Promise<readonly ProcessMark[]> =>
    (await processesIn(directory, name)).filter(
      (mark) => mark.runs === true || (mark.runs === undefined && !isSilent(mark)),
    );
  return {
    claim: async (share) => {
      const name = `states-${kernel}-${share}`;
      if ((await holders(name)).length > 0) return undefined;
      const end = await markRunning(directory, name, BEAT_MS);
      // Its own mark is one of them.
      if ((await holders(name)).length <= 1) return end;
      await end();
      return undefined;
    },
  };
};
