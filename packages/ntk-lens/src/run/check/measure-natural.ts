import type { EncodedExample, LongTaskOptions, NDArray, SplitName } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import { forwardLogits, type LanguageModel } from '@ntk-lens/models';
import { randomHead, withClassifier } from '@ntk-lens/subspace';
import { outputDerivatives } from '@ntk-lens/tensor-programs';
import type { TrainingSample } from '../finetune/load-samples.js';
import { fitProbe } from '../model/probe-head.js';
import type { NaturalMeasurement } from './measurements.js';

export interface NaturalRequest extends LongTaskOptions {
  readonly runtime: Runtime;
  readonly model: LanguageModel;
  readonly labelWordIds: readonly number[];
  readonly sample: TrainingSample;
  /** The same sample without its prompt. */
  readonly plain: TrainingSample;
}

const RANDOM_HEADS = 3;

/**
 * |χ| at θ₀ on train and test: with the prompt; with its label words shuffled (all cyclic shifts); without a prompt,
 * the head a linear probe on frozen features; and with random heads, as standard fine-tuning starts.
 */
export const measureNatural = async (request: NaturalRequest): Promise<NaturalMeasurement> => {
  const { runtime, model, labelWordIds, sample, plain, signal, onProgress } = request;
  const long = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  const classes = labelWordIds.length;
  const logitsOf = (own: LanguageModel, examples: readonly EncodedExample[], ids: readonly number[]) =>
    forwardLogits({ model: own, runtime, examples, labelWordIds: ids, ...long });
  const indices = labelWordIds.map((_, c) => c);
  const probe = await fitProbe(
    model,
    runtime,
    plain.examples.train,
    { labels: plain.labels.train, classes },
    long,
  );
  const heads = [
    withClassifier(model, probe),
    ...Array.from({ length: RANDOM_HEADS }, (_, k) =>
      withClassifier(model, randomHead(model, classes, sample.seed + k)),
    ),
  ];
  const split = async (name: SplitName): Promise<Record<string, readonly number[]>> => {
    const labels = sample.labels[name];
    const prompted = await logitsOf(model, sample.examples[name], labelWordIds);
    const [probed, ...random] = await eachInTurn(heads, (head) =>
      logitsOf(head, plain.examples[name], indices),
    );
    const sizes = (logits: NDArray, shift = 0) =>
      outputDerivatives(
        logits,
        labels.map((label) => (label + shift) % classes),
      ).sizes;
    return {
      prompt: [...sizes(prompted)],
      'label words shuffled': meanOf(indices.slice(1).map((shift) => sizes(prompted, shift))),
      'no prompt, linear probe': [...sizes(probed!)],
      'random head': meanOf(random.map((logits) => sizes(logits))),
    };
  };
  const { shots, seed } = sample;
  return { shots, seed, train: await split('train'), test: await split('test') };
};

const eachInTurn = async <T, U>(items: readonly T[], f: (item: T) => Promise<U>): Promise<U[]> => {
  const results: U[] = [];
  for (const item of items) results.push(await f(item));
  return results;
};

const meanOf = (rows: readonly Float64Array[]): number[] =>
  Array.from(rows[0]!, (_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length);
