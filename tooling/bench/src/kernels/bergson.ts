import { byTurns, medianOf, middle } from '../measure/by-turns.js';
import { inGigabytes, inSeconds } from '../measure/print.js';
import type { OurRun, PeerRun } from './bench-runs.js';
import { allOf, type Section } from './figure.js';

/**
 * Bergson's own collector and scorer, without its projection: scores of queries against training examples, over the
 * weights of linear layers only. Ours computes more, namely all parameters, and the kernel of the training examples among themselves.
 */
export const bergson: Section = async function* (runs, sizes, { short }) {
  const [n, m] = sizes.peers;
  const turns = await byTurns<{ peer: PeerRun; own: OurRun }>(
    {
      peer: (turn) => runs.peer('peer_bergson.py', short, 'sgd', n, m, { turn, more: { binary: true } }),
      own: (turn) => runs.ours(short, 'sgd', n, m, { turn, binary: true }),
    },
    runs.options,
  );
  const ratioOf = ({ peer, own }: (typeof turns)[number]) => peer.seconds / own.seconds;
  const { peer, own } = middle(turns, ratioOf);
  const ratio = medianOf(turns, ratioOf);
  yield {
    section: 'bergson',
    what: 'time of bergson (linear layers, queries only) ÷ ours (everything), sgd, one output',
    size: `${n} × ${m}`,
    found: ratio.toFixed(2),
    target: '≥ 4',
    met: ratio >= 4,
    details: `${allOf(turns.map(ratioOf))}${inSeconds(peer.seconds)} and ${inSeconds(own.seconds)}, peak ${inGigabytes(peer.peak_rss_mb)} and ${inGigabytes(own.peak_rss_mb)}`,
  };
};
