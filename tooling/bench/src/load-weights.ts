/**
 * Time and memory from a RoBERTa-base-sized safetensors file to checked Float32Arrays, against a plain read of
 * the same bytes (one `readFileSync`). The file is in the page cache for both, so the ratio is of work, not of
 * disks. Each measurement is a fresh process, turn by turn.
 *
 *     pnpm --filter @ntk-lens/bench load-weights [runs]
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openWeights, writeSafetensors } from '@ntk-lens/checkpoints';
import { type NDArray, sizeOf, zeros } from '@ntk-lens/core';
import { resolveWeights } from '@ntk-lens/models';

/** How RoBERTa's checkpoints name things. */
const rules = {
  base: 'roberta.',
  head: ['lm_head.'],
  wordEmbeddings: 'roberta.embeddings.word_embeddings.weight',
  decoderWeight: 'lm_head.decoder.weight',
};

/** Parameters of RoBERTa-base with its LM head, the decoder tied. */
const robertaBase = (): ReadonlyMap<string, readonly number[]> => {
  const shapes = new Map<string, readonly number[]>();
  const linear = (name: string, out: number, into: number) =>
    shapes.set(`${name}.weight`, [out, into]).set(`${name}.bias`, [out]);
  const norm = (name: string) => shapes.set(`${name}.weight`, [768]).set(`${name}.bias`, [768]);
  shapes.set('roberta.embeddings.word_embeddings.weight', [50265, 768]);
  shapes.set('roberta.embeddings.position_embeddings.weight', [514, 768]);
  shapes.set('roberta.embeddings.token_type_embeddings.weight', [1, 768]);
  norm('roberta.embeddings.LayerNorm');
  for (let i = 0; i < 12; i++) {
    const layer = `roberta.encoder.layer.${i}`;
    for (const part of ['query', 'key', 'value']) linear(`${layer}.attention.self.${part}`, 768, 768);
    linear(`${layer}.attention.output.dense`, 768, 768);
    norm(`${layer}.attention.output.LayerNorm`);
    linear(`${layer}.intermediate.dense`, 3072, 768);
    linear(`${layer}.output.dense`, 768, 3072);
    norm(`${layer}.output.LayerNorm`);
  }
  linear('lm_head.dense', 768, 768);
  norm('lm_head.layer_norm');
  return shapes.set('lm_head.bias', [50265]);
};

const generate = async (directory: string): Promise<void> => {
  let state = 1;
  const tensors = new Map<string, NDArray>();
  for (const [name, shape] of robertaBase()) {
    const array = zeros('float32', shape);
    for (let i = 0; i < array.data.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      array.data[i] = state * 2e-11;
    }
    tensors.set(name, array);
  }
  await writeSafetensors(join(directory, 'model.safetensors'), tensors);
};

const methods: Readonly<Record<string, (directory: string) => Promise<number>>> = {
  plain: async (directory) => readFileSync(join(directory, 'model.safetensors')).byteLength,
  load: async (directory) => {
    const source = await openWeights(directory);
    const weights = await resolveWeights(source, robertaBase(), {
      rules,
      tieWordEmbeddings: true,
    });
    await source.close();
    return weights.size;
  },
};

interface Measured {
  readonly ms: number;
  /** User and system, all threads. */
  readonly cpuMs: number;
  readonly peakMB: number;
  readonly baseMB: number;
}

const measure = (method: string, directory: string): Measured => {
  const self = fileURLToPath(import.meta.url);
  const output = execFileSync(process.execPath, [...process.execArgv, self, method, directory], {
    encoding: 'utf8',
  });
  return JSON.parse(output) as Measured;
};

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

const main = async (runs: number): Promise<void> => {
  const directory = await mkdtemp(join(tmpdir(), 'ntk-lens-bench-'));
  try {
    await generate(directory);
    const bytes = (await stat(join(directory, 'model.safetensors'))).size;
    const parameters = [...robertaBase().values()].reduce((sum, shape) => sum + sizeOf(shape), 0);
    console.log(
      `${(parameters / 1e6).toFixed(1)} M parameters, ${(bytes / 2 ** 20).toFixed(0)} MiB, ${runs} runs of each`,
    );
    const plain: Measured[] = [];
    const load: Measured[] = [];
    for (let i = 0; i <= runs; i++) {
      const pair = [measure('plain', directory), measure('load', directory)] as const;
      // The first pair only warms the page cache.
      if (i > 0) {
        plain.push(pair[0]);
        load.push(pair[1]);
      }
    }
    const show = (name: string, measured: readonly Measured[]): void => {
      const ms = median(measured.map((m) => m.ms));
      const extra = median(measured.map((m) => m.peakMB - m.baseMB));
      const cpu = median(measured.map((m) => m.cpuMs));
      console.log(
        `${name.padEnd(28)} ${ms.toFixed(0).padStart(6)} ms, ${cpu.toFixed(0).padStart(6)} ms of CPU, ${extra.toFixed(0).padStart(6)} MiB above the empty process`,
      );
    };
    show('readFileSync', plain);
    show('safetensors → Float32Arrays', load);
    const time = median(load.map((m) => m.ms)) / median(plain.map((m) => m.ms));
    const cpu = median(load.map((m) => m.cpuMs)) / median(plain.map((m) => m.cpuMs));
    const memory = median(load.map((m) => m.peakMB - m.baseMB)) / (bytes / 2 ** 20);
    console.log(
      `ratio of time ${time.toFixed(2)} (target ≤ 1.5), of CPU ${cpu.toFixed(2)}; memory ÷ file ${memory.toFixed(2)} (2 would be a second copy)`,
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

const [method, directory] = process.argv.slice(2);
const run = method === undefined ? undefined : methods[method];
if (run !== undefined && directory !== undefined) {
  const baseMB = process.memoryUsage().rss / 2 ** 20;
  const start = performance.now();
  const startCpu = process.cpuUsage();
  await run(directory);
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(startCpu);
  const cpuMs = (user + system) / 1000;
  console.log(JSON.stringify({ ms, cpuMs, peakMB: process.resourceUsage().maxRSS / 1024, baseMB }));
} else {
  await main(Number(method ?? 5));
}
