import { throwIfCancelled } from '@ntk-lens/core';
import { type EarlyLens, prepareTask, type ZeroShotMethod } from '@ntk-lens/lens';
import { majorityBaseline } from '@ntk-lens/tasks';
import type { RunConfig } from '../options/run-config.js';
import {
  openSamples,
  type SessionOptions,
  type TaskRecord,
  taskOptions,
  taskRecord,
  withLens,
} from './with-lens.js';

/** Zero-shot results of one k-shot sample; the sample decides demonstrations, dev and test. */
export interface ZeroShotCell {
  readonly shots: number;
  readonly seed: number;
  readonly examples: { readonly dev: number; readonly test: number };
  /** Majority first, then zero-shot. */
  readonly methods: readonly ZeroShotMethod[];
}

/** The result of `ntk-lens zero-shot`. */
export interface ZeroShot {
  readonly format: 'ntk-lens-zero-shot';
  readonly version: 1;
  readonly config: RunConfig;
  readonly task: TaskRecord;
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
export const zeroShot = async (config: RunConfig, options: SessionOptions = {}): Promise<ZeroShot> => {
  const { signal, onProgress } = options;
  const asked = taskOptions(config);
  // All that can be refused is, before a model is looked for.
  prepareTask(config.task, asked);
  const prepare = (early: EarlyLens) => openSamples(early, config, asked, options);
  return withLens(config, options, prepare, async (lens, tasks) => {
    const cells: ZeroShotCell[] = [];
    for (const task of tasks) {
      throwIfCancelled(signal, 'Zero-shot');
      const { spec, gold, shots, seed } = task;
      const majority = {
        name: spec.kind === 'regression' ? 'mean score' : 'majority',
        dev: majorityBaseline(spec, gold.dev).scores,
        test: majorityBaseline(spec, gold.test).scores,
      };
      const methods = await lens.zeroShot(task, { calibrate: config.calibrate, signal, onProgress });
      const examples = { dev: gold.dev.length, test: gold.test.length };
      cells.push({ shots, seed, examples, methods: [majority, ...methods] });
    }
    return {
      format: 'ntk-lens-zero-shot',
      version: 1,
      config,
      task: taskRecord(tasks[0]!),
      model: { name: lens.name, hash: await lens.model.hash() },
      cells,
    };
  });
};
