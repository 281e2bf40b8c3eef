import { join } from 'node:path';
import { type EncodedExample, Mt19937, type NDArray, ndarray } from '@ntk-lens/core';
import { createRuntime } from '@ntk-lens/engine';
import { openKernelOperators } from '@ntk-lens/kernels';
import { loadModel } from '@ntk-lens/models';
import { predictedLabels } from '@ntk-lens/solvers';
import { selectMatrixFree } from '@ntk-lens/solvers/matrix-free';
import { optionsOf } from './front/options-of.js';
import { printHeading } from './measure/heading.js';
import { inGigabytes, inSeconds, verdict } from './measure/print.js';
import { peakMebibytes, scratchFolder, timed, writeFigures } from './measure/resources.js';
import { shapes } from './shapes/shapes.js';
import { writeShards } from './shapes/write-shards.js';

const options = optionsOf('matrix-free');
const count = options.quick ? 300 : options.examples;
const queries = options.quick ? 50 : options.queries;

const shape = shapes['width-32']!;
const WORDS = shape['vocab_size'] as number;
/** Ids below are special. */
const SPECIAL = 5;
const random = new Mt19937(options.seed);

/** A prompt whose label says in which half of the vocabulary its first word is. */
const draw = (): { readonly example: EncodedExample; readonly label: number } => {
  const length = 8 + random.interval(4);
  const inputIds = Array.from({ length }, () => SPECIAL + random.interval(WORDS - SPECIAL - 1));
  return { example: { inputIds, position: length - 1 }, label: Number(inputIds[0]! > WORDS / 2) };
};
const drawn = (n: number) => {
  const all = Array.from({ length: n }, draw);
  return {
    examples: all.map(({ example }) => example),
    labels: ndarray<'int32'>(
      Int32Array.from(all, ({ label }) => label),
      [n],
    ),
  };
};

const accuracy = (scores: NDArray<'float64'>, { data }: NDArray<'int32'>): number =>
  predictedLabels(scores).data.reduce((sum, label, i) => sum + Number(label === data[i]), 0) / data.length;

const surroundings = await printHeading(options);
const [train, dev, test] = [drawn(count), drawn(queries), drawn(queries)];
const directory = join(scratchFolder(), 'width-32');
await writeShards(directory, shape);
const model = await loadModel(directory);
const runtime = await createRuntime(options);
const found: Record<string, unknown> = {};
const { seconds, cpu } = await timed(async () => {
  const { splits, close } = await openKernelOperators({
    ...{ model, runtime, formula: 'sgd', labelWordIds: [WORDS - 77, 372], binary: true },
    ...{ train: train.examples, queries: { dev: dev.examples, test: test.examples } },
    memory: options.memory * 2 ** 30,
  });
  let last = '';
  const chosen = await selectMatrixFree({
    train: { ...splits.train, labels: train.labels },
    dev: { ...splits.dev!, labels: dev.labels },
    candidates: options.ridge.map((ridge) => ({ solver: 'lstsq', ridge: Number(ridge) })),
    metric: accuracy,
    sketch: options.sketch,
    onProgress: ({ phase, done }) => {
      const now = `${phase} ${done}`;
      if (now !== last) console.error(`${new Date().toISOString().slice(11, 19)} ${now}`);
      last = now;
    },
  });
  const scores = await chosen.predict({ ...splits.test!, labels: test.labels });
  const { spec, iterations, largestEigenvalue } = chosen;
  Object.assign(found, { spec, iterations, largestEigenvalue, accuracy: accuracy(scores, test.labels) });
  await close();
});
await runtime.close();
await model.close();
const peak = peakMebibytes();
console.log(
  `${count} examples, ${queries} test examples: ${inSeconds(seconds)} (${inSeconds(cpu)} of CPU), ${found['iterations']} iterations, test accuracy ${(found['accuracy'] as number).toFixed(3)}`,
);
console.log(`peak memory ${inGigabytes(peak)}, target 1.00 GB: ${verdict(peak * 2 ** 20 <= 1e9)}`);
console.log(`the kernel alone would take ${inGigabytes((8 * count ** 2) / 2 ** 20)}`);
writeFigures(options.json, { surroundings, examples: count, seconds, cpu, peakMebibytes: peak, ...found });
