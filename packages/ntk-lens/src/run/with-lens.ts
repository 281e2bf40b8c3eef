import { type LongTaskOptions, throwIfCancelled } from '@ntk-lens/core';
import type { EarlyLens, Lens, LensTask, TaskOptions } from '@ntk-lens/lens';
import type { TaskSpec } from '@ntk-lens/tasks';
import type { RunConfig } from '../options/run-config.js';

export interface SessionOptions extends LongTaskOptions {
  /** An open session of the configuration's model. Default: one is opened, and closed at the end. */
  readonly lens?: Lens;
  /** Verify what is in the output directory, and hash the weights anew. Default: false. */
  readonly verify?: boolean;
}

/**
 * Works with a session of a configuration's model.
 *
 * @param prepare opens tasks and refuses what can be refused, before weights are read or downloaded; where it needs weights, it
 *   is done again when they are there
 * @throws what `openLens`, `prepare` and `work` throw
 */
export const withLens = async <P, T>(
  { model, revision, runtime, threads, memory, profile: profileFile }: RunConfig,
  { lens, verify, signal, onProgress }: SessionOptions,
  prepare: (lens: EarlyLens) => Promise<P>,
  work: (lens: Lens, prepared: P) => Promise<T>,
): Promise<T> => {
  if (lens) return work(lens, await prepare(lens));
  const { openLens, readMachineProfile } = await import('@ntk-lens/lens');
  const profile = profileFile === undefined ? undefined : await readMachineProfile(profileFile);
  let prepared: { readonly value: P } | undefined;
  const opened = await openLens({
    ...{ model, revision, verify, runtime, threads, memory, profile, signal, onProgress },
    beforeWeights: async (early) => {
      prepared = { value: await prepare(early) };
    },
  });
  try {
    return await work(opened, prepared ? prepared.value : await prepare(opened));
  } finally {
    await opened.close();
  }
};

/** A configuration's options for its task and its prompt. */
export const taskOptions = (config: RunConfig): TaskOptions => {
  const { data, textColumns, labelColumn, delimiter, template, mapping, labelRule, demonstrations } = config;
  const { maxLength, firstSentenceLimit, otherSentenceLimit, truncateHead, limitTest } = config;
  return {
    ...{ data, textColumns, labelColumn, delimiter, template, words: mapping, labelRule, demonstrations },
    ...{ maxLength, firstSentenceLimit, otherSentenceLimit, truncateHead, limitTest },
  };
};

/** The k-shot samples of a configuration. */
export const samplesOf = ({ shots, seeds }: Pick<RunConfig, 'shots' | 'seeds'>) =>
  shots.flatMap((k) => seeds.map((seed) => ({ shots: k, seed })));

/**
 * These samples, read and tokenized.
 *
 * @param given options of their task
 */
export const openSamples = async (
  lens: EarlyLens,
  config: RunConfig,
  given: TaskOptions,
  { signal, onProgress }: LongTaskOptions,
): Promise<readonly LensTask[]> => {
  const tasks: LensTask[] = [];
  for (const sample of samplesOf(config)) {
    throwIfCancelled(signal, 'Reading the samples');
    tasks.push(await lens.task(config.task, { ...given, ...sample, signal, onProgress }));
  }
  return tasks;
};

/** The record of a task in results. */
export interface TaskRecord {
  readonly name: string;
  readonly template: string;
  readonly labels: readonly string[];
  /** In the order of the labels; none without a prompt. */
  readonly labelWords: readonly string[];
  /** The first one selects and is shown. */
  readonly metrics: TaskSpec['metrics'];
}

export const taskRecord = ({ spec, prompt }: Pick<LensTask, 'spec' | 'prompt'>): TaskRecord => ({
  name: spec.name,
  template: spec.template,
  labels: spec.labels,
  labelWords: prompt?.verbalizer.words.map(({ word }) => word) ?? [],
  metrics: spec.metrics,
});
