import { totalmem } from 'node:os';
import { type BenchRuns, type Formula, type OurRun, type PeerRun, relativeError } from './bench-runs.js';

/** One line of the table. */
export interface Figure {
  readonly section: string;
  readonly what: string;
  readonly size: string;
  readonly found: string;
  /** The target for `found`; a figure without one is only printed. */
  readonly target?: string;
  readonly met?: boolean;
  readonly details: string;
}

export interface Sizes {
  readonly peers: readonly [number, number];
  readonly pairs: readonly [number, number];
  readonly rate: readonly [number, number];
  readonly growth: readonly (readonly [number, number])[];
  readonly memory: readonly (readonly [number, number])[];
  readonly sst2: readonly [number, number];
}

/** 16-shot SST-2: 32 training, 32 development and 1000 test examples. */
export const fullSizes: Sizes = {
  peers: [32, 64],
  pairs: [8, 16],
  rate: [32, 256],
  growth: [
    [32, 64],
    [32, 128],
    [32, 256],
  ],
  memory: [
    [32, 1000],
    [512, 512],
  ],
  sst2: [32, 1032],
};

export const quickSizes: Sizes = {
  peers: [4, 8],
  pairs: [2, 4],
  rate: [4, 32],
  growth: [
    [4, 8],
    [4, 16],
    [4, 32],
  ],
  memory: [
    [4, 40],
    [24, 24],
  ],
  sst2: [4, 40],
};

export interface Inputs {
  /** 20–60 tokens. */
  readonly short: string;
  /** Twice as long. */
  readonly long: string;
}

type Section = (runs: BenchRuns, sizes: Sizes, inputs: Inputs) => AsyncGenerator<Figure>;

const seconds = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} s`;
const gigabytes = (mib: number): string => `${((mib * 2 ** 20) / 1e9).toFixed(2)} GB`;
// Sums of ±1: a gradient within rounding of zero moves an entry by up to 2.
const tolerance: Readonly<Record<Formula, number>> = { sgd: 1e-4, signgd: 5e-3, 'a-signgd': 5e-3 };

interface Peer {
  /** In tooling/reference. */
  readonly script: string;
  readonly arguments?: readonly string[];
  /** A remark that follows its name. */
  readonly how?: string;
}

/** The one in the middle; of an even number the smaller of two. */
const median = <T>(values: readonly T[], by: (value: T) => number): T =>
  [...values].sort((a, b) => by(a) - by(b))[Math.floor((values.length - 1) / 2)]!;
const allOf = (values: readonly number[]): string =>
  values.length > 1
    ? `median of ${[...values]
        .sort((a, b) => a - b)
        .map((value) => value.toFixed(2))
        .join(', ')}; `
    : '';

const against = (
  section: string,
  { script, arguments: more = [], how }: Peer,
  formulas: readonly Formula[],
  size: 'peers' | 'pairs',
  target?: number,
): Section =>
  async function* (runs, sizes, { short }) {
    const [n, m] = sizes[size];
    for (const formula of formulas) {
      const turns: { readonly peer: PeerRun; readonly own: OurRun; readonly ratio: number }[] = [];
      for (let turn = 0; turn < runs.options.turns; turn++) {
        const peer = await runs.peer(script, short, formula, n, m, { turn, more });
        const own = await runs.ours(short, formula, n, m, { turn });
        turns.push({ peer, own, ratio: peer.seconds / own.seconds });
      }
      const { peer, own, ratio } = median(turns, (turn) => turn.ratio);
      const all = allOf(turns.map((turn) => turn.ratio));
      const error = relativeError(own.saved, peer.saved);
      const agrees = error <= tolerance[formula];
      yield {
        section,
        what: `time of ${peer.name}${how ? ` (${how})` : ''} ÷ ours, ${formula}`,
        size: `${n} × ${m}`,
        found: ratio.toFixed(2),
        ...(target !== undefined && { target: `≥ ${target}`, met: ratio >= target && agrees }),
        details: `${all}${seconds(peer.seconds)} and ${seconds(own.seconds)}, peak ${gigabytes(peer.peak_rss_mb)} and ${gigabytes(own.peak_rss_mb)}; kernels ${agrees ? 'agree' : 'DIFFER'}, relative error ${error.toExponential(1)}; torch ${peer.torch}`,
      };
    }
  };

const oneAfterAnother = (...parts: readonly Section[]): Section =>
  async function* (runs, sizes, inputs) {
    for (const part of parts) yield* part(runs, sizes, inputs);
  };

const PAIRS = 'peer_functorch_pairs.py';

/** Factor by which time may outgrow the law, since a shared machine's rate differs from run to run. */
const GROWTH = 1.2;
const LAW = 'contraction: 2 T² (in + C² out) (N M + N²/2), or 2 C P T (N + M) + 2 C² P (N M + N²/2)';

const rate: Section = async function* (runs, sizes, { short, long }) {
  const [n, m] = sizes.rate;
  const turns: OurRun[] = [];
  for (let turn = 0; turn < runs.options.turns; turn++)
    turns.push(await runs.ours(short, 'sgd', n, m, { turn }));
  const own = median(turns, (turn) => turn.rate);
  yield {
    section: 'rate',
    what: 'counted FLOP/s ÷ GEMM rate, sgd',
    size: `${n} × ${m}`,
    found: own.rate.toFixed(2),
    target: '≥ 0.6',
    met: own.rate >= 0.6,
    details: `${allOf(turns.map((turn) => turn.rate))}${own.tflop.toFixed(2)} TFLOP in ${seconds(own.seconds)}, GEMM ${own.gemm_gflops.toFixed(0)} GFLOP/s; ${phasesOf(own.phases)}`,
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
      const [longer, larger] = median(grown, ([x, y]) => x / y);
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
      .map(({ base, run }) => `${seconds(base.seconds)} → ${seconds(run.seconds)}`)
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

const phasesOf = (phases: Readonly<Record<string, number>>): string =>
  Object.entries(phases)
    .map(([name, spent]) => `${name} ${seconds(spent)}`)
    .join(', ');

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
        details: `planned ${gigabytes(run.planned_mb)} for ${runs.options.memory} GiB, ${run.tiles} tiles, ${seconds(run.seconds)}, rate ${run.rate.toFixed(2)}`,
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
    found: seconds(run.seconds),
    details: `${run.tflop.toFixed(2)} TFLOP, rate ${run.rate.toFixed(2)}, peak ${gigabytes(run.peak_rss_mb)}; ${phasesOf(run.phases)}`,
  };
};

/** Jacobians that do not fit are computed again for every block of training examples: the more memory, the fewer blocks. */
const JACOBIANS = {
  script: 'peer_torch_func.py',
  arguments: ['--memory', `${Math.floor((0.8 * totalmem()) / 1e9)}`],
};

/** The choices of `--sections`, in the order of the table. */
export const sections: Readonly<Record<string, Section>> = {
  func: against('func', JACOBIANS, ['sgd', 'signgd'], 'peers', 4),
  hooks: against('hooks', { script: 'peer_torch_hooks.py' }, ['sgd', 'signgd'], 'peers', 1),
  // As the authors' script runs it; without its padding; and with more at once than it does.
  pairs: oneAfterAnother(
    against(
      'pairs',
      { script: PAIRS, arguments: ['--length', '128'], how: 'padded to 128' },
      ['sgd'],
      'pairs',
      60,
    ),
    against('pairs', { script: PAIRS }, ['sgd'], 'pairs'),
    against('pairs', { script: PAIRS, arguments: ['--query-chunk', '8'], how: '8 a pass' }, ['sgd'], 'pairs'),
  ),
  rate,
  memory,
  sst2,
};
