/**
 * Every performance figure of the kernels, as ratios in one run, on a model of RoBERTa-base's shape with
 * random weights and sequences of 20–60 random tokens. They are against PyTorch peers
 * (tooling/reference/peer_*.py), against the GEMM rate, growth, and peak memory. Each measurement is a fresh
 * process; kernels of peers are compared with ours.
 *
 * pnpm --filter @ntk-lens/bench kernels [--sections func,hooks,pairs,rate,memory,sst2] [--python python3]
 * [--model DIR] [--threads 2] [--memory 3.5] [--turns 1] [--seed 0] [--json FILE] [--quick]
 *
 * `--turns`: how often ours and a peer take turns; the median ratio counts. `--quick`: a tiny model and small
 * sizes, to see that everything runs; its figures mean nothing. Without `--model`,
 * make_roberta_base_random.py writes one into a temporary folder. Run it on a machine that does nothing else.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BenchRuns, lastLine } from './kernels/bench-runs.js';
import { drawInputs } from './kernels/draw-inputs.js';
import { type Figure, fullSizes, quickSizes, sections } from './kernels/sections.js';

const { values: options } = parseArgs({
  options: {
    sections: { type: 'string', default: Object.keys(sections).join(',') },
    quick: { type: 'boolean', default: false },
    python: { type: 'string', default: process.env['PYTHON'] ?? 'python3' },
    model: { type: 'string' },
    threads: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    memory: { type: 'string', default: '3.5' },
    turns: { type: 'string', default: '1' },
    seed: { type: 'string', default: '0' },
    json: { type: 'string' },
  },
});

const names = options.sections.split(',');
const unknown = names.filter((name) => !Object.hasOwn(sections, name));
if (unknown.length > 0) {
  console.error(
    `--sections: found "${unknown.join(',')}", expected some of ${Object.keys(sections).join(', ')}.`,
  );
  process.exit(2);
}
const chosen = names.map((name) => sections[name]!);

const folder = mkdtempSync(join(tmpdir(), 'ntk-lens-bench-'));
const figures: Figure[] = [];
try {
  const model = options.model ?? join(folder, 'model');
  if (options.model === undefined) {
    const script = fileURLToPath(new URL('../../reference/make_roberta_base_random.py', import.meta.url));
    await lastLine(options.python, [script, model, '--size', options.quick ? 'tiny' : 'base']);
  }
  const sizes = options.quick ? quickSizes : fullSizes;
  const most = (index: 0 | 1): number =>
    Math.max(
      ...[sizes.peers, sizes.pairs, sizes.rate, sizes.sst2, ...sizes.growth, ...sizes.memory].map(
        (size) => size[index],
      ),
    );
  const write = (name: string, tokens: readonly [number, number]): string => {
    const file = join(folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(drawInputs(most(0), most(1), tokens, Number(options.seed))));
    return file;
  };
  const inputs = { short: write('short', [20, 60]), long: write('long', [40, 120]) };
  const { python, threads, memory } = options;
  const runs = new BenchRuns({ python, model, folder, threads, memory, turns: Number(options.turns) });
  const title = options.quick
    ? 'QUICK: a tiny model and small sizes; only a check that everything runs'
    : 'RoBERTa-base shape, random weights, 20–60 tokens';
  console.log(
    `${title}; ${threads} threads, load ${loadavg()[0]!.toFixed(1)} at the start, Node ${process.version}\n`,
  );
  print(['section', 'figure', 'N × M', 'found', 'target', '']);
  for (const section of chosen) {
    for await (const figure of section(runs, sizes, inputs)) {
      figures.push(figure);
      const { section: name, what, size, found, target = '', met, details } = figure;
      print([
        name,
        what,
        size,
        found,
        target,
        met === undefined || options.quick ? '' : met ? 'met' : 'NOT MET',
      ]);
      console.log(`          ${details}`);
    }
  }
  if (options.json !== undefined) {
    const about = { quick: options.quick, threads, memory, seed: options.seed, load: loadavg()[0] };
    writeFileSync(options.json, `${JSON.stringify({ ...about, figures }, undefined, 2)}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function print(cells: readonly string[]): void {
  const widths = [8, 56, 18, 10, 8, 8];
  console.log(
    cells
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  );
}
