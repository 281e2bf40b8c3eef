import { readFileSync } from 'node:fs';
import { copyFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSafetensors } from '@ntk-lens/checkpoints';
import { type NDArray, sizeOf, zeros } from '@ntk-lens/core';
import { openLens } from '@ntk-lens/lens';
import { modelDirectory } from '@ntk-lens/minilm-mlm';
import { loadModel } from '@ntk-lens/models';
import { optionsOf } from './front/options-of.js';
import { expectKnown } from './front/parse-options.js';
import { byTurns, medianOf } from './measure/by-turns.js';
import { printHeading } from './measure/heading.js';
import { runApart } from './measure/processes.js';
import { peakMebibytes, scratchFolder, timed, writeFigures } from './measure/resources.js';

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

const methods = {
  // In a process of its own: a child's peak memory starts at that of its parent.
  generate,
  plain: async (directory: string) => readFileSync(join(directory, 'model.safetensors')).byteLength,
  open: async (directory: string) => {
    const lens = await openLens({ model: directory });
    await lens.close();
    return lens.model.parameters.size;
  },
  load: async (directory: string) => {
    const model = await loadModel(directory);
    const weights = new Map<string, NDArray<'float32'>>();
    for (const name of model.parameters.keys()) {
      const stored = model.storedName(name);
      if (!weights.has(stored)) weights.set(stored, await model.read(name));
    }
    await model.close();
    return weights.size;
  },
} as const satisfies Record<string, (directory: string) => Promise<unknown>>;

interface Measured {
  readonly seconds: number;
  /** User and system, all threads. */
  readonly cpu: number;
  readonly peak: number;
  /** MiB of the process with its code loaded. */
  readonly base: number;
}
type Sides = Readonly<Record<'plain' | 'open' | 'load', Measured>>;

const options = optionsOf('load-weights');

const compare = async (): Promise<void> => {
  const surroundings = await printHeading({ threads: 1 });
  const directory = scratchFolder();
  const apart = (method: string): Promise<Measured> => runApart('load-weights', { method, directory });
  await apart('generate');
  const bytes = (await stat(join(directory, 'model.safetensors'))).size;
  const parameters = [...robertaBase().values()].reduce((sum, shape) => sum + sizeOf(shape), 0);
  console.log(
    `${(parameters / 1e6).toFixed(1)} M parameters, ${(bytes / 2 ** 20).toFixed(0)} MiB, ${options.turns} runs of each`,
  );
  const measured = await byTurns<Sides>(
    { plain: () => apart('plain'), open: () => apart('open'), load: () => apart('load') },
    { turns: options.turns, warmUp: true },
  );
  const names = { plain: 'readFileSync', open: 'openLens', load: 'every weight as Float32Array' } as const;
  for (const method of ['plain', 'open', 'load'] as const) {
    const middle = (of: (side: Measured) => number) => medianOf(measured, (turn) => of(turn[method]));
    const ratio = (of: (side: Measured) => number) =>
      medianOf(measured, (turn) => of(turn[method]) / of(turn.plain)).toFixed(2);
    const [seconds, cpu] = [({ seconds }: Measured) => seconds, ({ cpu }: Measured) => cpu];
    const extra = middle(({ peak, base }) => peak - base);
    console.log(
      [
        `${names[method].padEnd(28)} ${(1000 * middle(seconds)).toFixed(0).padStart(6)} ms (${ratio(seconds)} of the plain read)`,
        `${(1000 * middle(cpu)).toFixed(0).padStart(6)} ms of CPU (${ratio(cpu)})`,
        `${extra.toFixed(0).padStart(6)} MiB above the start (${(extra / (bytes / 2 ** 20)).toFixed(2)} of the file)`,
      ].join(', '),
    );
  }
  console.log(
    'targets: openLens ≤ 1.5 of the time of the plain read; memory ≤ 1 of the file, 2 would be a second copy',
  );
  writeFigures(options.json, { ...surroundings, bytes, turns: measured });
};

const { method, directory } = options;
if (method === undefined || directory === undefined) await compare();
else {
  const run = methods[expectKnown('--method', method, Object.keys(methods) as (keyof typeof methods)[])];
  const base = process.memoryUsage().rss / 2 ** 20;
  const taken = await timed(() => run(directory));
  console.log(JSON.stringify({ ...taken, peak: peakMebibytes(), base }));
}
