import { byTurns, medianOf, middle } from '../measure/by-turns.js';
import { inGigabytes, inSeconds } from '../measure/print.js';
import { type OurRun, type PeerRun, relativeError } from './bench-runs.js';
import { allOf, type Section } from './figure.js';

/** The weights that bergson collects of a RoBERTa model. */
const linear = ['*.query.weight', '*.key.weight', '*.value.weight', '*.dense.weight'];

const TOLERANCE = 1e-4;

/**
 * Bergson's own collector and scorer, without its projection. It scores queries against training examples over the
 * weights of linear layers. Ours takes all parameters, and computes the kernel of the training examples, too. A run of
 * ours on the same weights, which is not timed, is compared with the scores.
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
  const same = await runs.ours(short, 'sgd', n, m, { binary: true, parameters: linear });
  const error = relativeError(same.saved, peer.saved);
  const agrees = error <= TOLERANCE;
  yield {
    section: 'bergson',
    what: 'time of bergson (linear layers, queries only) ÷ ours (everything), sgd, one output',
    size: `${n} × ${m}`,
    found: ratio.toFixed(2),
    target: '≥ 4',
    met: ratio >= 4 && agrees,
    details: `${allOf(turns.map(ratioOf))}${inSeconds(peer.seconds)} and ${inSeconds(own.seconds)}, peak ${inGigabytes(peer.peak_rss_mb)} and ${inGigabytes(own.peak_rss_mb)}; scores on linear layers ${agrees ? 'agree' : 'DIFFER'}, relative error ${error.toExponential(1)}`,
  };
};
