import { middle } from '../measure/by-turns.js';
import { inSeconds } from '../measure/print.js';
import type { OurRun } from './bench-runs.js';
import { allOf, type Figure, type Section } from './figure.js';
import { sharesOf } from './shares.js';

/** Factor by which time may outgrow the law, since a shared machine's rate differs from run to run. */
const GROWTH = 1.2;
const LAW = 'contraction: 2 T² (in + C² out) (N M + N²/2), or 2 C P T (N + M) + 2 C² P (N M + N²/2)';

export const rate: Section = async function* (runs, sizes, { short, long }) {
  const [n, m] = sizes.rate;
  const turns: OurRun[] = [];
  for (let turn = 0; turn < runs.options.turns; turn++)
    turns.push(await runs.ours(short, 'sgd', n, m, { turn }));
  const own = middle(turns, (turn) => turn.rate);
  yield {
    section: 'rate',
    what: 'counted FLOP/s ÷ GEMM rate, sgd',
    size: `${n} × ${m}`,
    found: own.rate.toFixed(2),
    target: '≥ 0.6',
    met: own.rate >= 0.6,
    details: `${allOf(turns.map((turn) => turn.rate))}${own.tflop.toFixed(2)} TFLOP in ${inSeconds(own.seconds)}, GEMM ${own.gemm_gflops.toFixed(0)} GFLOP/s; ${sharesOf(own)}`,
  };
  const [first, ...more] = sizes.growth;
  const rows: (readonly [string, string, readonly [number, number]])[] = [
    ...more.map((size) => ['more queries', short, size] as const),
    ['tokens doubled', long, first!],
  ];
  for (const [row, [what, inputs, size]] of rows.entries()) {
    // The smaller is run again each time: a shared machine's rate changes within minutes.
    const pairs: { readonly base: OurRun; readonly run: OurRun }[] = [];
    for (let i = 0; i < runs.options.turns; i++) {
      const turn = row * runs.options.turns + i;
      const base = await runs.ours(short, 'sgd', ...first!, { turn });
      pairs.push({ base, run: await runs.ours(inputs, 'sgd', ...size, { turn }) });
    }
    type Part = (run: OurRun) => number;
    const line = (part: string, law: string, time: Part, work: Part, took = ''): Figure => {
      const grown = pairs.map(({ base, run }) => [time(run) / time(base), work(run) / work(base)] as const);
      const ratios = grown.map(([longer, larger]) => longer / larger);
      const [longer, larger] = middle(grown, ([x, y]) => x / y);
      return {
        section: 'growth',
        what: `${part}: growth of time ÷ of ${law}, ${what}`,
        size: size.join(' × '),
        found: (longer / larger).toFixed(2),
        target: `≤ ${GROWTH}`,
        met: longer / larger <= GROWTH,
        details: `${allOf(ratios)}against ${first!.join(' × ')}: time ${longer.toFixed(2)}, ${law} ${larger.toFixed(2)} times as many${took}`,
      };
    };
    const forward: Part = ({ phases }) => phases['forward'] ?? Number.NaN;
    yield line('features', 'N·T', forward, (run) => run.tokens);
    const took = pairs
      .map(({ base, run }) => `${inSeconds(base.seconds)} → ${inSeconds(run.seconds)}`)
      .join(', ');
    yield line(
      'all',
      'counted FLOPs',
      (run) => run.seconds,
      (run) => run.tflop,
      `; ${took}; ${LAW}`,
    );
  }
};
