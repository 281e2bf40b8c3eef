import { readFile, writeFile } from 'node:fs/promises';
import { type EncodedExample, encodeNpy } from '@ntk-lens/core';
import { createRuntime, gemmRate, knownProfile, processorAtHand } from '@ntk-lens/engine';
import { computeKernels, explainKernels, type FormulaName, matchParameters } from '@ntk-lens/kernels';
import { loadModel } from '@ntk-lens/models';
import { optionsOf } from './front/options-of.js';
import { ShareClock } from './kernels/shares.js';
import { cpuSeconds, peakMebibytes } from './measure/resources.js';

const values = optionsOf('kernel-run');

const inputs = JSON.parse(await readFile(values.inputs, 'utf8')) as {
  train: { ids: number[]; position: number }[];
  query: { ids: number[]; position: number }[];
  labelWordIds: number[];
};
const examples = (list: { ids: number[]; position: number }[]): EncodedExample[] =>
  list.map(({ ids, position }) => ({ inputIds: ids, position }));

const model = await loadModel(values.model);
const runtime = await createRuntime({ runtime: values.runtime, threads: values.threads });

/** GFLOP/s of a plain product in this process. */
const productRate = (): Promise<number> => gemmRate(runtime, { size: 1024 });

const request = {
  model,
  formula: values.formula as FormulaName,
  binary: values.binary,
  parameters: values.parameters && matchParameters({ include: values.parameters }),
  labelWordIds: inputs.labelWordIds,
  train: examples(inputs.train.slice(0, values.n)),
  queries: { test: examples(inputs.query.slice(0, values.m)) },
  batchSize: values.batch,
  memory: values.memory * 2 ** 30,
  streamed: values.streamed === undefined ? undefined : values.streamed === 'yes',
  // As the program plans where nobody has measured the machine.
  rates: knownProfile({ ...processorAtHand(values.threads), ...runtime.info }).rates,
};
const plan = explainKernels(request);
const { totalFlops, peakBytes, kept, tiles, examples: counts, forward, factors, weights } = plan;
// Padding is computed, but of no use; Grams and gradients are counted without it.
const usefulFlops = totalFlops - (forward.flops + factors.flops) * (1 - counts.tokens / counts.padded);
// A backward pass to the activations takes the products of a forward pass; factors compute again what is above that.
const outputs = values.binary ? 1 : inputs.labelWordIds.length;
const againFlops = Math.max(0, factors.flops - outputs * forward.flops) * (counts.tokens / counts.padded);
const hashStart = performance.now();
if (values.hash) await model.hash();
const hashSeconds = (performance.now() - hashStart) / 1000;
const gemmBefore = await productRate();
const start = performance.now();
const phases: Record<string, number> = {};
let last = start;
const onProgress = ({ phase }: { phase: string }) => {
  const now = performance.now();
  phases[phase] = (phases[phase] ?? 0) + (now - last) / 1000;
  last = now;
};
const cpuBefore = process.cpuUsage();
const clock = new ShareClock();
const { test } = await computeKernels({ ...request, runtime: clock.around(runtime), onProgress });
// From weights in memory on, as the clocks of the peers count.
const seconds = (performance.now() - start) / 1000 - (phases['weights'] ?? 0);
const cpu = cpuSeconds(cpuBefore);
const shares = clock.shares(seconds);
// Other work on the machine comes and goes: the larger of two counts.
const gemm = Math.max(gemmBefore, await productRate());
if (values.save) await writeFile(values.save, encodeNpy(test!.kernel));
await runtime.close();
await model.close();
console.log(
  JSON.stringify({
    name: 'ntk-lens',
    formula: values.formula,
    n: request.train.length,
    m: request.queries.test.length,
    seconds,
    kernel_cpu_seconds: cpu,
    hash_seconds: values.hash ? hashSeconds : undefined,
    cpu_seconds: cpuSeconds(),
    peak_rss_mb: peakMebibytes(),
    planned_mb: (peakBytes + kept.bytes) / 2 ** 20,
    tiles: tiles.length,
    streamed: weights.streamed,
    weights_mb: weights.residentBytes / 2 ** 20,
    all_weights_mb: weights.allBytes / 2 ** 20,
    read_mb: (weights.reads * weights.readBytes) / 2 ** 20,
    tokens: counts.tokens,
    tflop: usefulFlops / 1e12,
    gemm_gflops: gemm,
    rate: usefulFlops / 1e9 / seconds / gemm,
    again_tflop: againFlops / 1e12,
    once_rate: (usefulFlops - againFlops) / 1e9 / seconds / gemm,
    passes_gflops: (forward.flops + factors.flops) / 1e9 / (shares.forward + shares.factors),
    phases,
    shares,
    runtime: runtime.info.version,
    threads: runtime.info.threads,
  }),
);
