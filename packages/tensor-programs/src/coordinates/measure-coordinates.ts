import {
  BadArgumentError,
  type EncodedExample,
  type LongTaskOptions,
  type NDArray,
  throwIfCancelled,
} from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import { parametrize, randomModel } from '@ntk-lens/models';
import { createOptimizer, optimizerNamed, Trainer, targetsOf } from '@ntk-lens/subspace';
import { vocabulary } from '../language/lexicon.js';
import { maskedCorpus } from '../language/masked-corpus.js';
import { modelConfigOf, type PretrainingScheme } from '../pretrain/scheme.js';
import { attentionScores } from './attention-scores.js';

/** Sizes of one coordinate of one model: mean |x| over examples, tokens and entries. */
export interface CoordinateSizes {
  readonly width: number;
  readonly seed: number;
  /** Sizes of x_t, for t = 0 … steps. */
  readonly sizes: readonly number[];
  /** Sizes of x_t − x₀, for t = 1 … steps. */
  readonly updates: readonly number[];
}

export interface MeasureCoordinatesOptions extends LongTaskOptions {
  readonly runtime: Runtime;
  readonly scheme: PretrainingScheme;
  readonly widths: readonly number[];
  readonly seeds: readonly number[];
  /** Optimizer steps after which coordinates are measured. Default: 4. */
  readonly steps?: number;
}

/** Texts on which coordinates are measured. */
const MEASURED = 8;

/**
 * The measured quantities: outputs of linear sites before their nonlinearity, stages, attention scores,
 * logits. Queries are divided by the multiplier that is folded into them, so that they are those of the
 * parametrization itself.
 */
const coordinatesOf = (
  activations: ReadonlyMap<string, Readonly<Record<string, NDArray>>>,
  lengths: readonly number[],
  heads: number,
  queryMultiplier: number,
): ReadonlyMap<string, Float64Array> => {
  const found = new Map<string, Float64Array>();
  for (const [stage, { output, ...sites }] of activations) {
    for (const [site, array] of Object.entries(sites)) {
      if (stage === 'head' && site === 'decoder') continue;
      const values = withoutPadding(array, lengths);
      found.set(`${stage} ${site}`, site === 'query' ? values.map((x) => x / queryMultiplier) : values);
    }
    if (sites['query'] && sites['key'])
      found.set(`${stage} scores`, attentionScores(sites['query'], sites['key'], heads, lengths));
    found.set(stage === 'head' ? 'logits' : stage, withoutPadding(output!, lengths));
  }
  return found;
};

/** Rows of tokens; `[n, 1, d]` and `[n, C]` have one of each example. */
const withoutPadding = ({ data, shape }: NDArray, lengths: readonly number[]): Float64Array => {
  const [n, length, width] =
    shape.length === 3 ? (shape as [number, number, number]) : [shape[0]!, 1, shape[1]!];
  if (length === 1) return Float64Array.from(data);
  const rows: number[] = [];
  for (let i = 0; i < n; i++)
    for (let k = i * length * width; k < (i * length + lengths[i]!) * width; k++) rows.push(data[k]!);
  return Float64Array.from(rows);
};

const meanSize = (x: Float64Array, from?: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += Math.abs(x[i]! - (from?.[i] ?? 0));
  return sum / x.length;
};

/**
 * Sizes of activations, attention scores and logits, and of their changes, over the first steps of pre-training from
 * random weights, at every width and seed (the coordinate check of Yang et al. 2022).
 *
 * @returns by coordinate, in the order of the network: `embeddings`, `layer.0 query`, …, `logits`
 * @throws ParametrizationError; BadArgumentError
 */
export const measureCoordinates = async (
  options: MeasureCoordinatesOptions,
): Promise<ReadonlyMap<string, readonly CoordinateSizes[]>> => {
  const { widths, seeds, steps = 4, signal, onProgress } = options;
  if (!(Number.isInteger(steps) && steps >= 1))
    throw new BadArgumentError('steps', steps, 'a positive integer');
  const plan = widths.flatMap((width) => seeds.map((seed) => ({ width, seed })));
  for (const width of widths) modelConfigOf(options.scheme, width);
  const found = new Map<string, CoordinateSizes[]>();
  for (const [i, { width, seed }] of plan.entries()) {
    throwIfCancelled(signal, 'The coordinate check');
    for (const [name, sizes] of await measureModel(options, width, seed, steps))
      found.set(name, [...(found.get(name) ?? []), { width, seed, ...sizes }]);
    onProgress?.({
      phase: 'coordinates',
      done: i + 1,
      total: plan.length,
      unit: 'models',
      detail: `width ${width}, seed ${seed}`,
    });
  }
  return found;
};

const measureModel = async (
  { runtime, scheme, signal }: MeasureCoordinatesOptions,
  width: number,
  seed: number,
  steps: number,
): Promise<ReadonlyMap<string, Pick<CoordinateSizes, 'sizes' | 'updates'>>> => {
  const { parametrization: name, baseWidth, optimizer, learningRate, batchSize, languageSeed } = scheme;
  const config = modelConfigOf(scheme, width);
  const parametrization = { name, baseWidth };
  const { learningRateScale, queryMultiplier } = parametrize(config, parametrization);
  const { examples, words } = maskedCorpus({ size: steps * batchSize + MEASURED, seed: languageSeed });
  const measured = examples.slice(-MEASURED);
  const lengths = measured.map(({ inputIds }: EncodedExample) => inputIds.length);
  const trainer = await Trainer.open({
    runtime,
    model: randomModel(config, { parametrization, seed, zero: scheme.zero }),
    labelWordIds: vocabulary.map((_, id) => id),
    optimizer: createOptimizer({ name: optimizer }),
    loss: 'cross-entropy',
    train: examples,
    evaluated: measured,
    learningRateScale: learningRateScale(optimizerNamed(optimizer).stepKind),
  });
  try {
    const measure = async () =>
      coordinatesOf(await trainer.activations(measured), lengths, config.heads, queryMultiplier);
    const start = await measure();
    const sizes = new Map([...start].map(([key, x]) => [key, [meanSize(x)]]));
    const updates = new Map<string, number[]>([...start.keys()].map((key) => [key, []]));
    for (let step = 1; step <= steps; step++) {
      throwIfCancelled(signal, 'The coordinate check');
      const from = (step - 1) * batchSize;
      const batch = {
        examples: examples.slice(from, from + batchSize),
        targets: targetsOf(words.slice(from, from + batchSize), vocabulary.length),
      };
      await trainer.accumulate(batch, batchSize);
      await trainer.step(step, learningRate, undefined);
      for (const [key, x] of await measure()) {
        sizes.get(key)!.push(meanSize(x));
        updates.get(key)!.push(meanSize(x, start.get(key)!));
      }
    }
    return new Map([...sizes].map(([key, own]) => [key, { sizes: own, updates: updates.get(key)! }]));
  } finally {
    await trainer.release();
  }
};
