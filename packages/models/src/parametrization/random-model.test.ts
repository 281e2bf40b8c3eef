import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRuntime } from '@ntk-lens/engine';
import { expect, it } from 'vitest';
import { parseModelConfig } from '../config/parse-model-config.js';
import { forwardLogits } from '../forward/forward-logits.js';
import { loadModel } from '../node/load-model.js';
import { readModelConfig } from '../node/read-model-config.js';
import { saveModel } from '../node/save-model.js';
import { architectureCase } from '../testing/architecture-cases.js';
import { parametrize } from './parametrize.js';
import { randomModel } from './random-model.js';

const raw = {
  model_type: 'bert',
  vocab_size: 40,
  hidden_size: 64,
  num_hidden_layers: 1,
  num_attention_heads: 4,
  intermediate_size: 128,
  max_position_embeddings: 16,
  tie_word_embeddings: false,
};
const mup = { name: 'mup', baseWidth: 16 } as const;

const stdOf = (data: Float32Array) => Math.sqrt(data.reduce((sum, x) => sum + x * x, 0) / data.length);

it('weights have the standard deviations of the parametrization, and depend on the seed alone', async () => {
  const config = parseModelConfig(raw);
  const model = randomModel(config, { parametrization: mup, seed: 3 });
  for (const { parameter, kind, std } of parametrize(config, mup).scales) {
    const { data } = await model.read(parameter);
    if (kind === 'scale') expect(new Set(data)).toEqual(new Set([1]));
    else if (std === 0) expect(new Set(data)).toEqual(new Set([0]));
    else expect(Math.abs(stdOf(data) / std - 1)).toBeLessThan(5 / Math.sqrt(2 * data.length));
    const again = randomModel(config, { parametrization: mup, seed: 3 });
    expect(await again.read(parameter)).toEqual({
      dtype: 'float32',
      shape: model.parameters.get(parameter),
      data,
    });
  }
  const other = randomModel(config, { parametrization: mup, seed: 4 });
  expect(await other.hash()).not.toBe(await model.hash());
  const word = 'bert.embeddings.word_embeddings.weight';
  expect((await other.read(word)).data[0]).not.toBe((await model.read(word)).data[0]);
});

it('zero initialization leaves nothing but the decoder and the queries at 0', async () => {
  const zero = randomModel(parseModelConfig(raw), {
    parametrization: mup,
    seed: 3,
    zero: ['output', 'query'],
  });
  const plain = randomModel(parseModelConfig(raw), { parametrization: mup, seed: 3 });
  const differing: string[] = [];
  for (const name of zero.parameters.keys()) {
    const [a, b] = [await zero.read(name), await plain.read(name)];
    if (!a.data.every((x, i) => x === b.data[i])) differing.push(name);
  }
  expect(differing).toEqual([
    'bert.encoder.layer.0.attention.self.query.weight',
    'cls.predictions.decoder.weight',
  ]);
});

it("GPT-2's fused projection gets a scale of its own for the queries", async () => {
  const config = { ...(await readModelConfig(architectureCase('gpt2').directory)), tieWordEmbeddings: false };
  const options = { name: 'mup', baseWidth: config.hiddenSize / 4 } as const;
  const model = randomModel(config, { parametrization: options, seed: 1 });
  const fused = 'transformer.h.0.attn.c_attn.weight';
  const { data, shape } = await model.read(fused);
  const [rows, columns] = shape as [number, number];
  const std = (from: number, size: number) =>
    stdOf(
      Float32Array.from(
        { length: rows * size },
        (_, i) => data[Math.floor(i / size) * columns + from + (i % size)]!,
      ),
    );
  const d = config.hiddenSize;
  expect(Math.abs(std(0, d) / std(d, 2 * d) - 0.5)).toBeLessThan(0.15);
  const scale = parametrize(config, options).learningRateScale('adam');
  expect(scale(fused, { axis: 1, start: 0, size: d })).toBeCloseTo(1 / 8, 12);
  expect(scale(fused, { axis: 1, start: d, size: d })).toBeCloseTo(1 / 4, 12);
});

it('is saved as a model directory that has the same logits', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ntk-lens-random-'));
  const model = randomModel(parseModelConfig(raw), { parametrization: mup, seed: 5 });
  await saveModel(directory, model, { config: raw, tokenizerFiles: [] });
  const loaded = await loadModel(directory);
  const runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
  const examples = [{ inputIds: [2, 9, 4, 3], position: 2 }];
  const request = { runtime, examples, labelWordIds: [5, 6, 7] };
  expect(await forwardLogits({ ...request, model: loaded })).toEqual(
    await forwardLogits({ ...request, model }),
  );
  await loaded.close();
  await runtime.close();
  await rm(directory, { recursive: true });
});
