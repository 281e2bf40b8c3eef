/**
 * Time and memory of opening a session on a model of RoBERTa-base's shape, and of reading all its weights as checked
 * Float32Arrays, against a plain read of the same file (one `readFileSync`). The file is in the page cache for all, so
 * the ratio is of work, not of disks. Each measurement is a fresh process, turn by turn. Memory is the peak above the
 * process with its code loaded: a second copy of the weights would be as large as the file.
 *
 *     pnpm --filter @ntk-lens/bench load-weights [runs]
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { copyFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeSafetensors } from '@ntk-lens/checkpoints';
import { type NDArray, sizeOf, zeros } from '@ntk-lens/core';
import { openLens } from '@ntk-lens/lens';
import { modelDirectory } from '@ntk-lens/minilm-mlm';
import { loadModel } from '@ntk-lens/models';

/** config.json of RoBERTa-base. */
const config = {
  model_type: 'roberta',
  architectures: ['RobertaForMaskedLM'],
  vocab_size: 50265,
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  intermediate_size: 3072,
  hidden_act: 'gelu',
  max_position_embeddings: 514,
  type_vocab_size: 1,
  layer_norm_eps: 1e-5,
  pad_token_id: 1,
  tie_word_embeddings: true,
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
  await writeFile(join(directory, 'config.json'), JSON.stringify(config));
  // Any tokenizer does: no text is encoded.
  await copyFile(join(modelDirectory, 'tokenizer.json'), join(directory, 'tokenizer.json'));
};

const methods: Readonly<Record<string, (directory: string) => Promise<unknown>>> = {
  // In a process of its own: a child's peak memory starts at that of its parent.
  generate,
  plain: async (directory) => readFileSync(join(directory, 'model.safetensors')).byteLength,
  open: async (directory) => {
    const lens = await openLens({ model: directory });
    await lens.close();
    return lens.model.parameters.size;
  },
  load: async (directory) => {
    const model = await loadModel(directory);
    const weights = new Map<string, NDArray<'float32'>>();
    for (const name of model.parameters.keys()) {
      const stored = model.storedName(name);
      if (!weights.has(stored)) weights.set(stored, await model.read(name));
    }
    await model.close();
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
    measure('generate', directory);
    const bytes = (await stat(join(directory, 'model.safetensors'))).size;
    const parameters = [...robertaBase().values()].reduce((sum, shape) => sum + sizeOf(shape), 0);
    console.log(
      `${(parameters / 1e6).toFixed(1)} M parameters, ${(bytes / 2 ** 20).toFixed(0)} MiB, ${runs} runs of each`,
    );
    const measured: Record<string, Measured[]> = { plain: [], open: [], load: [] };
    for (let i = 0; i <= runs; i++)
      for (const [method, all] of Object.entries(measured)) {
        const one = measure(method, directory);
        // The first turn only warms the page cache.
        if (i > 0) all.push(one);
      }
    const medians = (method: string) => {
      const of = (pick: (one: Measured) => number) => median(measured[method]!.map(pick));
      return {
        ms: of(({ ms }) => ms),
        cpuMs: of(({ cpuMs }) => cpuMs),
        extra: of(({ peakMB, baseMB }) => peakMB - baseMB),
      };
    };
    const plain = medians('plain');
    const names = { plain: 'readFileSync', open: 'openLens', load: 'every weight as Float32Array' };
    for (const [method, name] of Object.entries(names)) {
      const { ms, cpuMs, extra } = medians(method);
      console.log(
        `${name.padEnd(28)} ${ms.toFixed(0).padStart(6)} ms (${(ms / plain.ms).toFixed(2)} of the plain read), ` +
          `${cpuMs.toFixed(0).padStart(6)} ms of CPU (${(cpuMs / plain.cpuMs).toFixed(2)}), ` +
          `${extra.toFixed(0).padStart(6)} MiB above the start (${(extra / (bytes / 2 ** 20)).toFixed(2)} of the file)`,
      );
    }
    console.log(
      'targets: openLens ≤ 1.5 of the time of the plain read; memory ≤ 1 of the file, 2 would be a second copy',
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
