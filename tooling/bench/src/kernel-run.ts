// One kernel computation in a process of its own, so that its time and peak memory are its own.
// Prints one JSON line. Started by kernels.ts; can be run alone:
//   pnpm --filter @ntk-lens/bench kernel-run --model DIR --inputs FILE --formula sgd

import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type EncodedExample, encodeNpy } from '@ntk-lens/core';
import { createRuntime, defineProgram, type TensorSpec, tf } from '@ntk-lens/engine';
import type { FormulaName } from '@ntk-lens/kernels';
import { computeKernels, explainKernels } from '@ntk-lens/kernels';
import { loadModel } from '@ntk-lens/models';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    inputs: { type: 'string' },
    formula: { type: 'string', default: 'sgd' },
    binary: { type: 'boolean', default: false },
    n: { type: 'string', default: '32' },
    m: { type: 'string', default: '64' },
    threads: { type: 'string', default: '2' },
    batch: { type: 'string', default: '32' },
    memory: { type: 'string', default: '4' },
    /** `yes` or `no`; default: as the plan decides. */
    streamed: { type: 'string' },
    /** Hash the model first, as a session does. */
    hash: { type: 'boolean', default: false },
    save: { type: 'string' },
  },
});

const inputs = JSON.parse(await readFile(values.inputs!, 'utf8')) as {
  train: { ids: number[]; position: number }[];
  query: { ids: number[]; position: number }[];
  labelWordIds: number[];
};
const examples = (list: { ids: number[]; position: number }[]): EncodedExample[] =>
  list.map(({ ids, position }) => ({ inputIds: ids, position }));

const model = await loadModel(values.model!);
const runtime = await createRuntime({ runtime: 'ort-cpu', threads: Number(values.threads) });

const plainProduct = defineProgram('plain product', {
  inputs: (size: number): Readonly<Record<'a' | 'b', TensorSpec>> => ({
    a: { dtype: 'float32', shape: [size, size] },
    b: { dtype: 'float32', shape: [size, size] },
  }),
  build: ({ a, b }) => ({ y: tf.matMul(a, b, false, true).sum() }),
});

/** GFLOP/s of a plain product in this process. */
const gemmRate = async (): Promise<number> => {
  const size = 1024;
  const program = plainProduct(size);
  const random = () => Float32Array.from({ length: size * size }, (_, i) => Math.sin(i * 0.7));
  const tensors = {
    a: await runtime.upload({ dtype: 'float32', shape: [size, size], data: random() }),
    b: await runtime.upload({ dtype: 'float32', shape: [size, size], data: random() }),
  };
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 12; i++) {
    const start = performance.now();
    await program.compute(runtime, tensors);
    best = Math.min(best, performance.now() - start);
  }
  runtime.release(Object.values(tensors));
  return (2 * size ** 3) / best / 1e6;
};

const request = {
  model,
  formula: values.formula as FormulaName,
  binary: values.binary,
  labelWordIds: inputs.labelWordIds,
  train: examples(inputs.train.slice(0, Number(values.n))),
  queries: { test: examples(inputs.query.slice(0, Number(values.m))) },
  batchSize: Number(values.batch),
  memory: Number(values.memory) * 2 ** 30,
  streamed: values.streamed === undefined ? undefined : values.streamed === 'yes',
};
const plan = explainKernels(request);
const { totalFlops, peakBytes, tiles, examples: counts, forward, factors, weights } = plan;
// Padding is computed, but of no use; Grams and gradients are counted without it.
const usefulFlops = totalFlops - (forward.flops + factors.flops) * (1 - counts.tokens / counts.padded);
const hashStart = performance.now();
if (values.hash) await model.hash();
const hashSeconds = (performance.now() - hashStart) / 1000;
const gemmBefore = await gemmRate();
const start = performance.now();
const phases: Record<string, number> = {};
let last = start;
const onProgress = ({ phase }: { phase: string }) => {
  const now = performance.now();
  phases[phase] = (phases[phase] ?? 0) + (now - last) / 1000;
  last = now;
};
const cpuBefore = process.cpuUsage();
const { test } = await computeKernels({ ...request, runtime, onProgress });
// From weights in memory on, as the clocks of the peers count.
const seconds = (performance.now() - start) / 1000 - (phases['weights'] ?? 0);
const cpu = process.cpuUsage(cpuBefore);
// Other work on the machine comes and goes: the larger of two counts.
const gemm = Math.max(gemmBefore, await gemmRate());
if (values.save) await writeFile(values.save, encodeNpy(test!.kernel));
await runtime.close();
await model.close();
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
console.log(
  JSON.stringify({
    name: 'ntk-lens',
    formula: values.formula,
    n: request.train.length,
    m: request.queries.test.length,
    seconds,
    kernel_cpu_seconds: (cpu.user + cpu.system) / 1e6,
    hash_seconds: values.hash ? hashSeconds : undefined,
    cpu_seconds: (userCPUTime + systemCPUTime) / 1e6,
    peak_rss_mb: maxRSS / 1024,
    planned_mb: peakBytes / 2 ** 20,
    tiles: tiles.length,
    streamed: weights.streamed,
    weights_mb: weights.residentBytes / 2 ** 20,
    all_weights_mb: weights.allBytes / 2 ** 20,
    read_mb: (weights.reads * weights.readBytes) / 2 ** 20,
    tokens: counts.tokens,
    tflop: usefulFlops / 1e12,
    gemm_gflops: gemm,
    rate: usefulFlops / 1e9 / seconds / gemm,
    phases,
    runtime: runtime.info.version,
    threads: runtime.info.threads,
  }),
);
