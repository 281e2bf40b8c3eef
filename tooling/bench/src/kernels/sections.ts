import { totalmem } from 'node:os';
import { byTurns, medianOf, middle } from '../measure/by-turns.js';
import { inGigabytes, inSeconds } from '../measure/print.js';
import { against, type Case } from './against-peer.js';
import type { Formula, OurRun } from './bench-runs.js';
import { bergson } from './bergson.js';
import { allOf, type Section } from './figure.js';
import { rate } from './rate.js';
import type { SectionName } from './section-names.js';
import { sharesOf } from './shares.js';

/** 200 GFLOP/s where a plain product reaches 275. */
const PASSES = 0.73;

const oneAfterAnother = (...parts: readonly Section[]): Section =>
  async function* (runs, sizes, inputs) {
    for (const part of parts) yield* part(runs, sizes, inputs);
  };

const products: Section = async function* (runs) {
  const { ours, torch, ratio } = await runs.products();
  yield {
    section: 'products',
    what: "rate of PyTorch's plain product ÷ that of ours",
    size: '1024²',
    found: ratio.toFixed(2),
    details: `${torch.toFixed(0)} and ${ours.toFixed(0)} GFLOP/s; from 0.9 on the floors of hooks are the lower ones, up to 0.6 they are 2`,
  };
};

/** The rate of forward passes and factor programs together, next to that of a plain product. */
const passes: Section = async function* (runs, sizes, { short }) {
  const [n, m] = sizes.peers;
  const turns = await byTurns<{ own: OurRun }>(
    { own: (turn) => runs.ours(short, 'sgd', n, m, { turn, binary: true }) },
    runs.options,
  );
  const rateOf = ({ own }: { own: OurRun }) => own.passes_gflops / own.gemm_gflops;
  const { own } = middle(turns, rateOf);
  const found = medianOf(turns, rateOf);
  yield {
    section: 'passes',
    what: 'rate of forward passes and factors ÷ that of a plain product, sgd, one output',
    size: `${n} × ${m}`,
    found: found.toFixed(2),
    target: `≥ ${PASSES}`,
    met: found >= PASSES,
    details: `${allOf(turns.map(rateOf))}${own.passes_gflops.toFixed(0)} and ${own.gemm_gflops.toFixed(0)} GFLOP/s; ${sharesOf(own)}`,
  };
};

/** One training set against many queries, one output. */
const queries: Section = async function* (runs, sizes, { short }) {
  const [n, m] = sizes.queries;
  const turns = await byTurns<{ own: OurRun }>(
    { own: (turn) => runs.ours(short, 'sgd', n, m, { turn, binary: true }) },
    runs.options,
  );
  const { own } = middle(turns, (turn) => turn.own.once_rate);
  const found = medianOf(turns, (turn) => turn.own.once_rate);
  yield {
    section: 'queries',
    what: 'useful FLOP/s, none counted twice ÷ rate of a plain product, sgd, one output',
    size: `${n} × ${m}`,
    found: found.toFixed(2),
    target: '≥ 0.7',
    met: found >= 0.7,
    details: `${allOf(turns.map((turn) => turn.own.once_rate))}${(own.tflop - own.again_tflop).toFixed(2)} TFLOP and ${own.again_tflop.toFixed(2)} computed again in ${inSeconds(own.seconds)}, plain product ${own.gemm_gflops.toFixed(0)} GFLOP/s, peak ${inGigabytes(own.peak_rss_mb)}; ${sharesOf(own)}`,
  };
};

const memory: Section = async function* (runs, sizes, { short }) {
  for (const [n, m] of sizes.memory) {
    for (const formula of ['sgd', 'signgd', 'a-signgd'] as const) {
      const binary = formula === 'a-signgd';
      const run = await runs.ours(short, formula, n, m, { binary });
      const peak = (run.peak_rss_mb * 2 ** 20) / 1e9;
      yield {
        section: 'memory',
        what: `peak RSS, ${formula}${binary ? ', binary' : ''}`,
        size: `${n} × ${m}`,
        found: `${peak.toFixed(2)} GB`,
        target: '≤ 4 GB',
        met: peak <= 4,
        details: `planned ${inGigabytes(run.planned_mb)} for ${runs.options.memory} GiB, ${run.tiles} tiles, ${inSeconds(run.seconds)}, rate ${run.rate.toFixed(2)}`,
      };
    }
  }
};

const sst2: Section = async function* (runs, sizes, { short }) {
  const [n, m] = sizes.sst2;
  const run = await runs.ours(short, 'sgd', n, m, { binary: true });
  yield {
    section: 'sst2',
    what: 'time of 16-shot SST-2, sgd, binary, run in full',
    size: `${n} × (${n} + ${m})`,
    found: inSeconds(run.seconds),
    details: `${run.tflop.toFixed(2)} TFLOP, rate ${run.rate.toFixed(2)}, peak ${inGigabytes(run.peak_rss_mb)}; ${sharesOf(run)}`,
  };
};

/** Jacobians that do not fit are computed again for every block of training examples: the more memory, the fewer blocks. */
const JACOBIANS = {
  script: 'peer_torch_func.py',
  options: { memory: Math.floor((0.8 * totalmem()) / 1e9) },
};

const two = (formula: Formula, least?: Case['least']): Case => ({ formula, least });
const one = (formula: Formula, least?: Case['least']): Case => ({ formula, least, binary: true });
const pairs = 'peer_functorch_pairs.py';

/** The parts of the table, in their order. */
export const sections: Readonly<Record<SectionName, Section>> = {
  products,
  func: against('func', JACOBIANS, [two('sgd', 4), two('signgd', 4)], 'peers'),
  hooks: against(
    'hooks',
    { script: 'peer_torch_hooks.py' },
    [
      one('sgd', { level: 1.1 }),
      two('sgd', { level: 1.1 }),
      one('signgd', { level: 1 }),
      two('signgd', { level: 1 }),
    ],
    'peers',
    0.6,
  ),
  passes,
  bergson,
  // As the authors' script runs it; without its padding; and with more at once than it does.
  pairs: oneAfterAnother(
    against(
      'pairs',
      { script: pairs, options: { length: 128 }, how: 'padded to 128' },
      [two('sgd', 60)],
      'pairs',
    ),
    against('pairs', { script: pairs }, [two('sgd')], 'pairs'),
    against(
      'pairs',
      { script: pairs, options: { 'query-chunk': 8 }, how: '8 a pass' },
      [two('sgd')],
      'pairs',
    ),
  ),
  rate,
  queries,
  memory,
  sst2,
};
