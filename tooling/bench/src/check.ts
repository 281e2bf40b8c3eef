/**
 * Wall-clock of `ntk-lens check` on the embedded task "sentiment", 16-shot, embedded model, one seed, SGD and Adam: from
 * nothing, and again over what the first call left.
 *
 *     pnpm --filter @ntk-lens/bench check [--threads 2] [--out DIR]
 *
 * Run it on a machine that does nothing else.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkExperiment, resolveCheck } from 'ntk-lens';

const { values: options } = parseArgs({
  options: {
    threads: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    out: { type: 'string' },
  },
});

const out = options.out ?? mkdtempSync(join(tmpdir(), 'ntk-lens-bench-'));
const config = await resolveCheck(
  { task: 'sentiment', seeds: [42], threads: Number(options.threads) },
  { optimizers: ['sgd', 'adam'] },
);
try {
  console.log(`load before: ${loadavg()[0]!.toFixed(1)}, ${options.threads} threads`);
  for (const [name, limit] of [
    ['from nothing', 360],
    ['again', 30],
  ] as const) {
    const spent = new Map<string, number>();
    let last = performance.now();
    const { seconds, findings } = await checkExperiment(config, {
      out,
      onProgress: ({ phase }) => {
        const now = performance.now();
        spent.set(phase, (spent.get(phase) ?? 0) + (now - last) / 1000);
        last = now;
      },
    });
    console.log(`${name}: ${seconds.toFixed(1)} s (limit ${limit} s), ${findings.length} verdicts`);
    for (const [phase, own] of spent) if (own >= 1) console.log(`  ${own.toFixed(1).padStart(6)} s ${phase}`);
  }
} finally {
  if (options.out === undefined) rmSync(out, { recursive: true, force: true });
}
