// An architecture of your own: the mean of the words, a layer, a decoder. It is checked by finite differences.
// npx tsx own-architecture.ts
import { writeFile } from 'node:fs/promises';
import { Mt19937, type NDArray, ndarray, sizeOf } from '@ntk-lens/core';
import { createRuntime, tf } from '@ntk-lens/engine';
import { computeKernels, selfCheckModel } from '@ntk-lens/kernels';
import { modelDirectory } from '@ntk-lens/minilm-mlm';
import { defineStage, embeddingSite, type LanguageModel, readModelConfig } from '@ntk-lens/models';
import { heatMap } from '@ntk-lens/report';
import { loadTokenizer } from '@ntk-lens/tokenizers';

// A stage is a function of its sites, the batch and the state before it. Every use of a parameter is a site.
const lookUp = defineStage((_: null, at, side) => at.use('words', side.ids)); // [n, T, d]
const mix = defineStage((_: null, at, side, x) => {
  const mean = tf.matMul(side.attention.expandDims(1), x!).div(side.attention.sum(1).reshape([-1, 1, 1]));
  return tf.tanh(at.use('up', mean)); // [n, 1, d]
});
const decode = defineStage((_: null, at, _side, x) => at.use('decoder', x!).squeeze([1])); // [n, labels]
const [d, config, random] = [32, await readModelConfig(modelDirectory), new Mt19937(0)]; // config: the vocabulary
const values = new Map<string, NDArray<'float32'>>();
const parameter = (name: string, ...shape: number[]) => {
  const data = new Float32Array(sizeOf(shape)).map(() => 0.2 * random.standardNormal());
  values.set(name, ndarray<'float32'>(data, shape));
  return { name, shape };
};
const words = embeddingSite('words', 'ids', parameter('words', config.vocabSize, d));
const up = { kind: 'linear', name: 'up', weight: parameter('up', d, d) } as const;
const output = parameter('output', config.vocabSize, d);

const model: LanguageModel = {
  config: { ...config, hiddenSize: d },
  parameters: new Map([...values].map(([name, { shape }]) => [name, shape])),
  stages: (labels) => {
    const weight = { ...output, part: { rows: labels as readonly number[] } };
    const decoder = { kind: 'linear', name: 'decoder', weight } as const;
    const stage = <S>(name: string, site: S) => ({ name, settings: null, sites: [site] });
    return [lookUp(stage('words', words)), mix(stage('layer', up)), decode(stage('decoder', decoder))];
  },
  read: async (name) => ({ ...values.get(name)!, data: values.get(name)!.data.slice() }),
  storedName: (name) => name,
  hash: async () => 'mean of words',
  close: async () => {},
};
const runtime = await createRuntime({ runtime: 'ort-cpu' });
const { verdict, checks } = await selfCheckModel({ model, runtime });
for (const check of checks) console.log(check.verdict.padEnd(8), check.name);
const tokenizer = await loadTokenizer(modelDirectory);
const texts = 'A dog sleeps. The dog is asleep. The cat sleeps. Rain fell. Snow fell. A wet day.'.split(
  '.',
  6,
);
const train = texts.map((text) => ({ inputIds: tokenizer.encode(text), position: 0 }));
const labelWordIds = ['bad', 'good'].map((word) => tokenizer.tokenToId(word)!);
const request = { model, runtime, formula: 'sgd', binary: true, labelWordIds, train, queries: {} };
const { kernel } = (await computeKernels(request)).train; // [6, 1, 6, 1]
const title = `Kernel of an own architecture (self-check: ${verdict})`;
const side = { label: 'sentences', groups: [0, 0, 0, 1, 1, 1], names: ['animals', 'weather'] };
const map = { title, value: 'K(ξ, ξ′)', values: ndarray(kernel.data, [6, 6]), rows: side, columns: side };
await writeFile('own-architecture.svg', heatMap(map));
await runtime.close();
