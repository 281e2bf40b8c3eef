import { ndarray, rowsIn } from '@ntk-lens/core';
import { computeKernels, memoryTileStore } from '@ntk-lens/kernels';
import { openLens } from '@ntk-lens/lens';
import { loadModel, parseModelConfig, randomModel } from '@ntk-lens/models';
import { createVerbalizer } from '@ntk-lens/prompts';
import type { DotChart, LineChart, Table } from '@ntk-lens/report';
import { createSolver } from '@ntk-lens/solvers';
import { embeddedKShot, embeddedTask, loadExamples } from '@ntk-lens/tasks';
import { languageTask } from '@ntk-lens/tensor-programs';
import * as language from './language.js';
import {
  accuracy,
  alternating,
  goldOf,
  gram,
  matrix,
  operator,
  outputs,
  size,
  solved,
  states,
} from './numbers.js';
import { closing, once } from './once.js';
import { bytesOf, prepared } from './prepared-directory.js';

// Values that the examples of docstrings take for granted, by name: a reader of the package has them. They are real ones,
// of tiny models, and are made when an example asks for them, in a directory that `preparedDirectory` made.

const { model, runtime, tokenizer, labelWordIds, examples, request, labelled, lora } = language;
const { training, kernels, space, points, labels, template } = language;
const sentiment = once(() => embeddedKShot({ name: 'sentiment', shots: 4, seed: 42 }));
const lines: LineChart = {
  ...{ title: 'Kernel change', x: { label: 'step' }, y: { label: 'change' } },
  panels: [
    {
      series: [
        {
          label: 'SGD',
          points: [
            { x: 1, y: 0.1 },
            { x: 2, y: 0.2 },
          ],
        },
      ],
    },
  ],
};
const chart: DotChart = {
  ...{ title: 'sentiment', axis: 'test accuracy', percent: true },
  dots: [{ label: 'SGD kernel', value: 0.7 }],
};
const table: Table = {
  ...{
    title: 'sentiment',
    columns: [{ header: 'method' }, { header: 'accuracy', percent: true, digits: 1 }],
  },
  rows: [{ cells: ['majority', 0.5] }],
};
const lens = once(async () =>
  closing(await openLens({ model: prepared.model, runtime: 'ort-cpu', threads: 1 })),
);
const task = once(async () => (await lens()).task('sentiment', { shots: 2, seed: 42, limitTest: 4 }));
const signal = (): AbortSignal => new AbortController().signal;

/** Values by package; `everywhere` has those of the packages that have none of that name. */
const makers = {
  everywhere: {
    ...{ model, runtime, tokenizer, labelWordIds: () => labelWordIds, examples, request, training, signal },
    ...{
      onProgress: () => () => {},
      queries: async () => ({ test: await examples() }),
      labels: () => labels,
    },
    ...{ trainExamples: examples, testExamples: examples, template: () => template, texts: () => ['Warm.'] },
    ...{ train: examples, test: examples, operator, table: () => table },
  },
  checkpoints: {
    config: async () =>
      JSON.parse(Buffer.from(await bytesOf('config.json')).toString()) as Record<string, unknown>,
    tensors: () => new Map([['w', ndarray(Float32Array.of(1, 2), [2])]]),
    base: () => prepared.model,
    data: () => new Float32Array(6),
    kernel: () => matrix,
    labels: () => goldOf(labels),
    response: async (): Promise<Response> => new Response(await bytesOf('model.safetensors')),
    input: async () => ({ files: [new Blob([await bytesOf('train_kernels_SST-2.pt')])] as const }),
  },
  core: {
    ...{ name: () => 'sentimant', file: () => 'config.json', config: () => ({ seed: 42 }), text: () => '{}' },
    ...{ kernel: () => matrix, rows: () => size, columns: () => size, source: () => rowsIn(matrix) },
  },
  engine: {
    solver: () => createSolver({ solver: 'lstsq', ridge: 0.01 }),
    train: solved.train,
    vector: async () => (await runtime()).upload(ndarray<'float32'>(Float32Array.of(1, 2, 3), [3])),
  },
  kernels: {
    store: once(async () => {
      const store = memoryTileStore();
      await computeKernels({ ...(await request()), store });
      return store;
    }),
    tuned: once(async () => closing(await loadModel('checkpoint-500'))),
    ...{ queries: examples, labels: () => [1, 0] },
    ...{ outputs: () => 2, write: () => async (_: Float64Array) => {}, worker: () => 0, workers: () => 2 },
  },
  lens: {
    ...{ lens, task, download: () => (_name: string, _file: Blob) => {} },
    kernel: once(async () => (await lens()).kernel(await task(), { formula: 'sgd' })),
    train: once(() => loadExamples('tickets.csv', { textColumns: ['body'], labelColumn: 'kind' })),
  },
  models: {
    config: async () =>
      JSON.parse(Buffer.from(await bytesOf('config.json')).toString()) as Record<string, unknown>,
    bytes: () => bytesOf('checkpoint-500/optimizer.pt'),
    planned: () => ({ indices: [0, 1, 2, 3], length: 16 }),
    stages: async () => (await model()).stages(labelWordIds),
    stage: async () => (await model()).stages(labelWordIds)[1]!,
    weights: once(async () => {
      const { uploadStageWeights } = await import('@ntk-lens/models');
      const one = await model();
      return uploadStageWeights(await runtime(), one, one.stages(labelWordIds));
    }),
    untied: async () => {
      const config = JSON.parse(await bytesText('config.json')) as Record<string, unknown>;
      const parsed = parseModelConfig({ ...config, tie_word_embeddings: false });
      return randomModel(parsed, { parametrization: { name: 'mup', baseWidth: 4 }, seed: 0 });
    },
    parameters: () => new Map<string, never>(),
    firstTokenStates: () => states().firstTokenStates,
    labels: () => states().labels,
  },
  prompts: {
    train: async () =>
      (await sentiment()).train.map((one) => ({ ...one, label: one.label === 'negative' ? '0' : '1' })),
    test: async () => (await sentiment()).test,
    logits: () => ndarray<'float64'>(Float64Array.of(1, 0), [1, 2]),
    logitsOfContentFreeInputs: () => ndarray<'float64'>(Float64Array.of(1, 0, 2, 0, 0, 1), [3, 2]),
    perSample: () => [1, 2].map((x) => ndarray<'float64'>(Float64Array.of(x, 0), [1, 2])),
    verbalizer: async () =>
      createVerbalizer({ bad: 'terrible', good: 'a joy' }, ['bad', 'good'], await tokenizer(), {
        rule: 'mean',
      }),
    tokens: async () => {
      const known = await tokenizer();
      return ['free', 'meeting', 'film'].map((word) => ({ word, id: known.tokenToId(word)! }));
    },
    logProbabilities: () =>
      ndarray<'float64'>(Float64Array.of(-1, -3, -2, -3, -1, -2, -4, -1, -2, -1, -4, -2), [4, 3]),
  },
  queue: { password: () => 'secret', ca: () => '-----BEGIN CERTIFICATE-----' },
  report: {
    ...{ chart: () => chart, lines: () => lines },
    source: () => rowsIn(ndarray<'float64'>(new Float64Array(32 * 256), [32, 256])),
    gram: () => new Float64Array(32 * 256).map((_, i) => Math.sin(i)),
    trainLabels: () => Array.from({ length: 32 }, (_, i) => i % 2),
    testLabels: () => Array.from({ length: 256 }, (_, i) => i % 2),
  },
  solvers: {
    ...{ ...solved, dev: solved.test, testSplit: solved.test, accuracy, metric: accuracy },
    gram: () =>
      gram
        .slice(0, 16)
        .fill(0)
        .map((_, i) => (i % 5 === 0 ? 2 : 1)),
    labels: () => alternating,
    targets: () => Float64Array.from(alternating),
    splits: () => ({ train: { kernel: operator() } }),
    gold: () => ({ train: goldOf([1, 0]), dev: goldOf(labels), test: goldOf(labels) }),
    ...{ firstTokenStates: () => states().firstTokenStates, labelArray: () => states().labels },
    selfKernel: () => ndarray<'float64'>(Float64Array.of(2, 2), [2, 1]),
    solver: async () => createSolver({ solver: 'lstsq', ridge: 0.01 }).fit(solved.train()),
    x: () => new Float64Array(8).fill(1),
  },
  subspace: {
    ...{ train: labelled, dev: labelled, lora, tuned: lora, ofLora: kernels, ofAll: kernels },
    baseDirectory: () => prepared.model,
    config: () => bytesText('my-adapter/adapter_config.json'),
    bytes: () => bytesOf('my-adapter/adapter_model.safetensors'),
  },
  tasks: {
    task: async () => (await sentiment()).task,
    test: async () => (await sentiment()).test,
    predictions: async () => (await sentiment()).test.map((_, i) => i % 2),
    pool: async () => (await embeddedTask('sentiment')).pool,
    text: () => 'subject,body,kind\nHello,See you at noon.,ham\nWin,Free money.,spam\n',
    ...{ trainText: () => bytesText('data/original/mr/train.csv') },
    ...{ testText: () => bytesText('data/original/mr/test.csv') },
    spam: () => ({
      ...{ name: 'spam', labels: ['ham', 'spam'], labelWords: { ham: 'good', spam: 'bad' } },
      template: '*cls**sent_0*_This_mail_is*mask*.*sep+*',
    }),
  },
  'tensor-programs': {
    ...{ space, train: labelled, points, trajectory: points },
    training: async () => ({
      ...{ runtime: await runtime(), labelWordIds, train: await labelled(), steps: 2, batchSize: 2, seed: 0 },
    }),
    task: () => {
      const { prompts, targets, labelWordIds } = languageTask({ name: 'sentiment', size: 40, seed: 13 });
      const part = (from: number, to: number) => ({
        ...{ examples: prompts.slice(from, to), labels: targets.slice(from, to) },
      });
      return { labelWordIds, train: part(0, 16), queries: part(16, 40) };
    },
    ...{ logits: () => outputs, tunedLogits: () => outputs, derivatives: () => [outputs] },
    ...{ before: kernels, after: kernels },
    inputs: () => ndarray<'float64'>(Float64Array.of(1, 0, 0.6, 0.8, -1, 0.5), [3, 2]),
  },
};

async function bytesText(name: string): Promise<string> {
  return Buffer.from(await bytesOf(name)).toString();
}

/** Name of a package's folder, or `everywhere`. */
export type ReadersPlace = keyof typeof makers;

/** The types of all values. */
export type ReadersValues = {
  readonly [P in ReadersPlace]: {
    readonly [N in keyof (typeof makers)[P]]: (typeof makers)[P][N] extends () => infer T
      ? Awaited<T>
      : never;
  };
};

const everyMaker = makers as Readonly<Record<string, Readonly<Record<string, () => unknown>>>>;

/** The places of a package's values, in the order in which they are looked up. */
export const readersPlaces = (
  folder: string,
): readonly { readonly place: ReadersPlace; readonly names: readonly string[] }[] =>
  [folder, 'everywhere']
    .filter((place) => place in makers)
    .map((place) => ({ place: place as ReadersPlace, names: Object.keys(everyMaker[place]!) }));

/** Makes values. */
export const readersValues = async (
  given: Readonly<Record<string, ReadersPlace>>,
): Promise<Readonly<Record<string, unknown>>> => {
  const values: Record<string, unknown> = {};
  for (const [name, place] of Object.entries(given)) values[name] = await everyMaker[place]![name]!();
  return values;
};
