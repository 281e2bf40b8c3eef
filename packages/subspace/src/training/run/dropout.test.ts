import { fileURLToPath } from 'node:url';
import { Mt19937 } from '@ntk-lens/core';
import { createRuntime } from '@ntk-lens/engine';
import { loadModel, plannedShapes } from '@ntk-lens/models';
import { expect, it } from 'vitest';
import { loraSpace } from '../../spaces/lora.js';
import { dropoutPlaces } from '../programs/dropout-places.js';
import { drawMask, uploadMasks } from './dropout.js';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../../../models/fixtures/architectures/${name}`, import.meta.url));

/** Places by stage kind, as transformers' modules have their nn.Dropout. */
const expected: Readonly<Record<string, readonly string[]>> = {
  bert: ['attention.probabilities', 'attention.output', 'output'],
  roberta: ['attention.probabilities', 'attention.output', 'output'],
  electra: ['attention.probabilities', 'attention.output', 'output'],
  gpt2: ['attention.probabilities', 'attention.output', 'output'],
  distilbert: ['attention.probabilities', 'output'],
};

const placesOf = async (name: string, lora = false): Promise<Map<string, readonly string[]>> => {
  const base = await loadModel(fixture(name));
  const model = lora ? await loraSpace({ r: 2, dropout: 0.25 }).apply(base) : base;
  const places = new Map<string, readonly string[]>();
  for (const stage of model.stages([41, 17])) {
    const d = model.config.hiddenSize;
    const input = { embeddings: undefined, head: [2, 1, d] }[stage.name as 'head'] ?? [2, 8, d];
    const x = stage.name === 'embeddings' ? undefined : input;
    const found = dropoutPlaces(stage, plannedShapes(stage, 2, 8, x));
    places.set(stage.name, [...found.keys()]);
    for (const { rate } of found.values()) expect([0.1, 0.25]).toContain(rate);
  }
  await base.close();
  return places;
};

it.each(Object.keys(expected))('units of %s are dropped where transformers drops them', async (name) => {
  const places = await placesOf(name);
  expect(places.get('embeddings')).toEqual(['embeddings']);
  expect(places.get('layer.0')).toEqual(expected[name]);
  expect(places.get('head')).toEqual([]);
});

it('LoRA drops inputs of its factors besides', async () => {
  const places = await placesOf('roberta', true);
  expect([...places.get('layer.1')!].sort()).toEqual(
    [...expected['roberta']!, 'query.lora', 'value.lora'].sort(),
  );
});

it('masks are 0 with the given probability and keep the mean', () => {
  for (const rate of [0.1, 0.5]) {
    const mask = drawMask({ shape: [301, 333], rate }, new Mt19937([1, 2]));
    const zeros = mask.filter((x) => x === 0).length / mask.length;
    expect(Math.abs(zeros - rate)).toBeLessThan(0.005);
    expect(new Set(mask)).toEqual(new Set([0, Math.fround(1 / (1 - rate))]));
    // Neighbours share a random word, but not their bits.
    let both = 0;
    for (let i = 0; i + 1 < mask.length; i += 2) if (mask[i] === 0 && mask[i + 1] === 0) both++;
    expect(Math.abs((2 * both) / mask.length - rate * rate)).toBeLessThan(0.005);
  }
});

it('masks depend on their seed alone', async () => {
  const runtime = await createRuntime({ runtime: 'tfjs-cpu' });
  const places = new Map([['a', { shape: [4, 5], rate: 0.5 }]]);
  const [first, same, other] = await Promise.all(
    [
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 4],
    ].map(async (seed) => {
      const { a } = await uploadMasks(runtime, places, seed);
      return (await runtime.download(a!)).data;
    }),
  );
  expect(same).toEqual(first);
  expect(other).not.toEqual(first);
  await runtime.close();
});
