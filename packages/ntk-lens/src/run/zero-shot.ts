import { type LongTaskOptions, throwIfCancelled } from '@ntk-lens/core';
import { type MetricName, majorityBaseline } from '@ntk-lens/tasks';
import type { RunConfig } from '../options/run-config.js';
import { loadCell } from './load-cell.js';
import { openConfigured } from './model/open-configured.js';
import type { openModel } from './model/open-model.js';
import { preparePrompt, prepareVerbalizer } from './prepare-task.js';
import { type ZeroShotMethod, zeroShotMethods } from './prompting/zero-shot-methods.js';

/** Zero-shot results of one k-shot sample; the sample decides demonstrations, dev and test. */
export interface ZeroShotCell {
  readonly shots: number;
  readonly seed: number;
  readonly examples: { readonly dev: number; readonly test: number };
  /** Majority first, then zero-shot. */
  readonly methods: readonly ZeroShotMethod[];
}

/** What `ntk-lens zero-shot` found. */
export interface ZeroShot {
  readonly format: 'ntk-lens-zero-shot';
  readonly version: 1;
  readonly config: RunConfig;
  readonly task: {
    readonly name: string;
    readonly template: string;
    readonly labels: readonly string[];
    readonly labelWords: readonly string[];
    readonly metrics: readonly [MetricName, ...MetricName[]];
  };
  readonly model: { readonly name: string; readonly hash: string };
  readonly cells: readonly ZeroShotCell[];
}

/**
 * Asks a model without training it: zero-shot with any label-word rule, with demonstrations, averaged over contexts
 * and calibrated, on classification and regression tasks. Forward passes only.
 *
 * @example
 * ```ts
 * const { cells } = await zeroShot({ ...defaultRunConfig, labelRule: 'mean', calibrate: true });
 * ```
 * @throws NtkLensError of kind `input` for bad input, CancelledError
 */
export const zeroShot = async (
  config: RunConfig,
  options: LongTaskOptions & { readonly openModel?: typeof openModel } = {},
): Promise<ZeroShot> => {
  const { signal, onProgress } = options;
  const long: LongTaskOptions = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  const prepared = preparePrompt(config);
  const { task } = prepared;
  const opened = await openConfigured(config, options);
  const verbalizer = prepareVerbalizer(task, opened.tokenizer, config.labelRule);
  const samples = [];
  for (const shots of config.shots) {
    for (const seed of config.seeds) {
      samples.push(await loadCell(config, prepared, verbalizer, opened, { shots, seed }, long));
    }
  }
  const model = await opened.load();
  try {
    const cells: ZeroShotCell[] = [];
    for (const { shots, seed, gold, prompts } of samples) {
      throwIfCancelled(signal, 'Zero-shot');
      const machine = {
        runtime: config.runtime,
        ...(config.threads !== undefined && { threads: config.threads }),
        ...long,
      };
      const scorer = { task, prompts, verbalizer, model: opened, forward: model.forward, machine };
      const majority = {
        name: task.kind === 'regression' ? 'mean score' : 'majority',
        dev: majorityBaseline(task, gold.dev).scores,
        test: majorityBaseline(task, gold.test).scores,
      };
      const methods = await zeroShotMethods(scorer, gold, config.calibrate ?? false);
      cells.push({
        shots,
        seed,
        examples: { dev: gold.dev.length, test: gold.test.length },
        methods: [majority, ...methods],
      });
    }
    return {
      format: 'ntk-lens-zero-shot',
      version: 1,
      config,
      task: {
        name: task.name,
        template: prepared.template.source,
        labels: task.labels,
        labelWords: verbalizer.words.map(({ word }) => word),
        metrics: task.metrics,
      },
      model: { name: opened.name, hash: model.hash },
      cells,
    };
  } finally {
    await model.close();
  }
};
