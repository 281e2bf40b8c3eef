import { byTurns, medianOf, middle } from '../measure/by-turns.js';
import { inGigabytes, inSeconds } from '../measure/print.js';
import { type BenchRuns, type Formula, type OurRun, type PeerRun, relativeError } from './bench-runs.js';
import { allOf, type Section } from './figure.js';
import { floorFor } from './product-rates.js';
import { sharesOf } from './shares.js';

export interface Peer {
  /** In tooling/reference. */
  readonly script: string;
  readonly options?: Readonly<Record<string, unknown>>;
  /** A remark that follows its name. */
  readonly how?: string;
}

/** A kernel that both compute. */
export interface Case {
  readonly formula: Formula;
  readonly binary?: boolean;
  /** The least ratio of times: a number, or that where the peer's plain product is as fast as ours. */
  readonly least?: number | { readonly level: number };
}

// Sums of ±1: a gradient within rounding of zero moves an entry by up to 2.
const tolerance: Readonly<Record<Formula, number>> = { sgd: 1e-4, signgd: 5e-3, 'a-signgd': 5e-3 };

const floorOf = async (least: Case['least'], runs: BenchRuns): Promise<number | undefined> =>
  typeof least === 'object' ? floorFor((await runs.products()).ratio, least.level) : least;

/** A peer's time ÷ ours, and our memory ÷ its, by turns; a target counts as met only where the kernels agree. */
export const against = (
  section: string,
  { script, options = {}, how }: Peer,
  cases: readonly Case[],
  size: 'peers' | 'pairs',
  mostMemory?: number,
): Section =>
  async function* (runs, sizes, { short }) {
    const [n, m] = sizes[size];
    for (const { formula, binary = false, least } of cases) {
      const turns = await byTurns<{ peer: PeerRun; own: OurRun }>(
        {
          peer: (turn) => runs.peer(script, short, formula, n, m, { turn, more: { ...options, binary } }),
          own: (turn) => runs.ours(short, formula, n, m, { turn, binary }),
        },
        runs.options,
      );
      const ratioOf = ({ peer, own }: (typeof turns)[number]) => peer.seconds / own.seconds;
      const { peer, own } = middle(turns, ratioOf);
      const ratio = medianOf(turns, ratioOf);
      const error = relativeError(own.saved, peer.saved);
      const agrees = error <= tolerance[formula];
      const floor = await floorOf(least, runs);
      const outputs = binary ? 'one output' : 'two outputs';
      const common = { section, size: `${n} × ${m}` };
      yield {
        ...common,
        what: `time of ${peer.name}${how ? ` (${how})` : ''} ÷ ours, ${formula}, ${outputs}`,
        found: ratio.toFixed(2),
        ...(floor !== undefined && { target: `≥ ${floor.toFixed(2)}`, met: ratio >= floor && agrees }),
        details: `${allOf(turns.map(ratioOf))}${inSeconds(peer.seconds)} and ${inSeconds(own.seconds)}; kernels ${agrees ? 'agree' : 'DIFFER'}, relative error ${error.toExponential(1)}; ours: ${sharesOf(own)}`,
      };
      if (mostMemory === undefined) continue;
      const memory = medianOf(turns, (turn) => turn.own.peak_rss_mb / turn.peer.peak_rss_mb);
      yield {
        ...common,
        what: `our memory ÷ that of ${peer.name}, ${formula}, ${outputs}`,
        found: memory.toFixed(2),
        target: `≤ ${mostMemory}`,
        met: memory <= mostMemory,
        details: `${inGigabytes(own.peak_rss_mb)} and ${inGigabytes(peer.peak_rss_mb)}`,
      };
    }
  };
