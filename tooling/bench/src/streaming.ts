import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { optionsOf } from './front/options-of.js';
import { expectKnown } from './front/parse-options.js';
import { BenchRuns, type OurRun, relativeError } from './kernels/bench-runs.js';
import { drawInputs } from './kernels/draw-inputs.js';
import { printHeading } from './measure/heading.js';
import { inGigabytes, verdict } from './measure/print.js';
import { scratchFolder, writeFigures } from './measure/resources.js';
import { shapes } from './shapes/shapes.js';
import { writeShards } from './shapes/write-shards.js';

const options = optionsOf('streaming');

const binary = !options['two-outputs'];

/** One kernel, and what is wanted of it. */
interface Measured {
  readonly size: readonly [number, number];
  /** Budget, GiB. */
  readonly memory: number;
  /** Budget of the same kernel with resident weights, if they fit a machine. */
  readonly residentMemory?: number;
  /** Targets: peak of the process in GB, and seconds with the hash. */
  readonly most: { readonly gigabytes: number; readonly seconds?: number; readonly slower?: number };
}

const measured: Readonly<Record<string, Measured>> = {
  'llama-3.2-1b': {
    ...{ size: [32, 64], memory: 2.3, residentMemory: 9 },
    most: { gigabytes: 2.5, slower: 1.25 },
  },
  'llama-2-7b': { size: [8, 8], memory: 3.6, most: { gigabytes: 4, seconds: 600 } },
  tiny: { size: [4, 8], memory: 1, residentMemory: 2, most: { gigabytes: 1, slower: 2 } },
};

const names = options.shapes.map((name) => expectKnown('--shapes', name, Object.keys(measured)));

const describe = (run: OurRun): string =>
  `${run.seconds.toFixed(1)} s (${run.kernel_cpu_seconds.toFixed(0)} s of CPU), ${inGigabytes(run.peak_rss_mb)}, planned ${inGigabytes(run.planned_mb)}, ${run.tiles} tiles, weights in memory ${inGigabytes(run.weights_mb)} of ${inGigabytes(run.all_weights_mb)}, ${run.tflop.toFixed(1)} TFLOP, a plain product ${run.gemm_gflops.toFixed(0)} GFLOP/s`;

const scratch = scratchFolder();
const found: Record<string, unknown> = {};
const surroundings = await printHeading({ threads: options.threads, runtime: 'ort-cpu' });
console.log('Random bfloat16 weights, 30–50 tokens, two label words, SGD');
for (const name of names) {
  const { size, memory, residentMemory, most } = measured[name]!;
  const model = join(options.folder ?? scratch, name);
  const written = !existsSync(join(model, 'config.json'));
  if (written) await writeShards(model, shapes[name]!);
  try {
    const [n, m] = size;
    const words = shapes[name]!['vocab_size'] as number;
    const inputs = join(scratch, `${name}.json`);
    const vocabulary = { words, labelWordIds: [words - 77, 372] };
    writeFileSync(inputs, JSON.stringify(drawInputs(n, m, [30, 50], options.seed, vocabulary)));
    const runs = (memory: number) =>
      new BenchRuns({
        ...{ model, folder: scratch, threads: options.threads, memory, turns: 1 },
      });
    console.log(`\n${name}, ${n} × ${m}, ${binary ? 'one output' : 'two outputs'}`);
    const own = await runs(memory).ours(inputs, 'sgd', n, m, { streamed: 'yes', hash: true, binary });
    const total = own.seconds + (own.hash_seconds ?? 0);
    console.log(`  streamed   ${describe(own)}`);
    console.log(
      `  floor      ${((own.tflop * 1e3) / own.gemm_gflops).toFixed(1)} s for its operations at the rate of a plain product; ${inGigabytes(own.read_mb)} are read of the files, ${inGigabytes(own.weights_mb)} of weights are in memory`,
    );
    console.log(`  hash       ${own.hash_seconds?.toFixed(1)} s; with it ${total.toFixed(1)} s`);
    const peak = (own.peak_rss_mb * 2 ** 20) / 1e9;
    console.log(`  peak       ≤ ${most.gigabytes} GB: ${verdict(peak <= most.gigabytes)}`);
    if (most.seconds !== undefined)
      console.log(`  time       ≤ ${most.seconds} s: ${verdict(total <= most.seconds)}`);
    const resident =
      residentMemory &&
      (await runs(residentMemory).ours(inputs, 'sgd', n, m, { streamed: 'no', binary, turn: 1 }));
    if (resident) {
      const ratio = own.seconds / resident.seconds;
      const processor = own.kernel_cpu_seconds / resident.kernel_cpu_seconds;
      console.log(`  resident   ${describe(resident)}`);
      console.log(
        `  streamed ÷ resident  ${ratio.toFixed(2)} (CPU, loading included in both, ${processor.toFixed(2)}) ≤ ${most.slower}: ${verdict(ratio <= (most.slower ?? Infinity))}; kernels differ by ${relativeError(own.saved, resident.saved).toExponential(1)}`,
      );
    }
    found[name] = { streamed: own, resident };
  } finally {
    if (written && !options.keep) rmSync(model, { recursive: true, force: true });
  }
}
writeFigures(options.json, { ...surroundings, found });
