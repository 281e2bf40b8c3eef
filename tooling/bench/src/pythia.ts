/**
 * The SGD kernels of Pythia-160M's and RoBERTa-base's shapes, 32 × 64, against hook-based PyTorch with the same
 * contractions, all in one run. Random weights are written once as bfloat16 shards. Each measurement is a fresh
 * process.
 *
 * pnpm --filter @ntk-lens/bench pythia [--python python3] [--threads 2] [--turns 1] [--seed 0] [--quick]
 *
 * `--quick`: 4 × 8, which shows that everything runs.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BenchRuns, type OurRun, type PeerRun, relativeError } from './kernels/bench-runs.js';
import { type DrawnInputs, drawInputs } from './kernels/draw-inputs.js';
import { shapes } from './shapes/shapes.js';
import { writeShards } from './shapes/write-shards.js';

const { values: options } = parseArgs({
  options: {
    python: { type: 'string', default: process.env['PYTHON'] ?? 'python3' },
    threads: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    turns: { type: 'string', default: '1' },
    seed: { type: 'string', default: '0' },
    quick: { type: 'boolean', default: false },
  },
});
const [n, m] = options.quick ? [4, 8] : [32, 64];
const tokens = [20, 60] as const;
const seed = Number(options.seed);
const inputs: Readonly<Record<string, DrawnInputs>> = {
  'pythia-160m': drawInputs(n, m, tokens, seed, { words: 50277, labelWordIds: [6587, 372] }),
  'roberta-base': drawInputs(n, m, tokens, seed),
};

interface Turn {
  readonly peer: PeerRun;
  readonly own: OurRun;
}
const ratio = ({ peer, own }: Turn): number => peer.seconds / own.seconds;
const memory = ({ peer, own }: Turn): number => own.peak_rss_mb / peer.peak_rss_mb;
const gigabytes = (mib: number): string => `${((mib * 2 ** 20) / 1e9).toFixed(2)} GB`;

const folder = mkdtempSync(join(tmpdir(), 'ntk-lens-bench-'));
console.log(
  `SGD, ${n} × ${m}, 20–60 tokens, two label words; ${options.threads} threads, load ${loadavg()[0]!.toFixed(1)} at the start, Node ${process.version}\n`,
);
try {
  const medians = new Map<string, Turn>();
  for (const [name, drawn] of Object.entries(inputs)) {
    const model = join(folder, name);
    await writeShards(model, shapes[name]!);
    const file = join(folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(drawn));
    const { python, threads, turns } = options;
    const runs = new BenchRuns({ python, model, folder, threads, memory: '3.5', turns: Number(turns) });
    const all: Turn[] = [];
    for (let turn = 0; turn < Number(turns); turn++) {
      const peer = await runs.peer('peer_torch_hooks.py', file, 'sgd', n, m, { turn });
      all.push({ peer, own: await runs.ours(file, 'sgd', n, m, { turn }) });
    }
    const middle = all.sort((a, b) => ratio(a) - ratio(b))[Math.floor((all.length - 1) / 2)]!;
    const { peer, own } = middle;
    medians.set(name, middle);
    console.log(
      `${name.padEnd(14)} its time ÷ ours ${ratio(middle).toFixed(2)} (${peer.seconds.toFixed(1)} s and ${own.seconds.toFixed(1)} s), our memory ÷ its ${memory(middle).toFixed(2)} (${gigabytes(own.peak_rss_mb)} and ${gigabytes(peer.peak_rss_mb)}); kernels differ by ${relativeError(own.saved, peer.saved).toExponential(1)}`,
    );
  }
  const [pythia, roberta] = [medians.get('pythia-160m')!, medians.get('roberta-base')!];
  const verdict = (met: boolean): string => (met ? 'met' : 'NOT MET');
  console.log(
    `\nPythia's ratio ≥ RoBERTa's: ${verdict(ratio(pythia) >= ratio(roberta))}; memory ≤ 0.5: ${verdict(memory(pythia) <= 0.5)}`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
