import type { LongTaskOptions } from '@ntk-lens/core';
import type { FormulaName, KernelPlan } from '@ntk-lens/kernels';
import type { RunConfig } from '../options/run-config.js';
import { cellKeys } from './cell-keys.js';
import { isFull } from './chosen-spaces.js';
import { TaskNotPossibleError } from './errors.js';
import { kernelRequest } from './kernel-request.js';
import type { openModel } from './model/open-model.js';
import type { RuntimeRecord } from './model/opened-model.js';
import { predictedSeconds } from './predicted-seconds.js';
import { type PreparedExperiment, withExperiment } from './prepare-experiment.js';

/** The plan of one sample, formula and space. */
export interface ExplainedCell {
  readonly shots: number;
  readonly seed: number;
  readonly formula: FormulaName;
  /** As the configuration names it; absent: all parameters. */
  readonly space?: string;
  readonly plan: KernelPlan;
  /** Of the kernel alone, from the counted work and the measured rate. */
  readonly predictedSeconds: number;
}

/** What `ntk-lens kernel` would do. */
export interface ExplainedExperiment {
  readonly format: 'ntk-lens-plan';
  readonly version: 1;
  readonly task: string;
  readonly model: string;
  readonly parameters: number;
  readonly runtime: RuntimeRecord;
  /** float32 matrix products, measured now. */
  readonly gemmGflops: number;
  /** Budget in bytes. */
  readonly memory: number;
  readonly cells: readonly ExplainedCell[];
}

/** Budget of a run that names none. */
const DEFAULT_MEMORY = 4 * 2 ** 30;

/**
 * Plans an experiment's kernels: reads task, tokenizer and the shapes of the weights, counts the work, and measures
 * for a moment how fast the runtime multiplies. Computes no kernel and writes nothing.
 *
 * @example
 * ```ts
 * const { cells } = await explainExperiment({ ...defaultRunConfig, memory: 2e9 });
 * cells[0].plan.totalFlops / 1e12; // TFLOP
 * ```
 * @throws NtkLensError of kind `input` for everything that `runExperiment` would refuse, MemoryBudgetError included
 */
export const explainExperiment = async (
  config: RunConfig,
  options: LongTaskOptions & { readonly openModel?: typeof openModel } = {},
): Promise<ExplainedExperiment> =>
  withExperiment(config, options, (experiment) => explainPrepared(config, options, experiment));

const explainPrepared = async (
  config: RunConfig,
  options: LongTaskOptions,
  { prepared, opened, verbalizer, samples, spaces, formulas }: PreparedExperiment,
): Promise<ExplainedExperiment> => {
  const model = await opened.load();
  try {
    if (!model.explain) {
      throw new TaskNotPossibleError(config.task, 'this model has no plan', 'Run without --explain.');
    }
    const cells: ExplainedCell[] = [];
    let measured: { readonly runtime: RuntimeRecord; readonly gemmGflops: number } | undefined;
    for (const key of cellKeys(formulas, samples, spaces)) {
      const { data, formula, space } = key;
      const where = { path: '', identity: {} };
      const request = kernelRequest(config, key, verbalizer.labelWordIds, where, false);
      const { plan, runtime, gemmGflops } = await model.explain(request, options);
      measured ??= { runtime, gemmGflops };
      const { shots, seed } = data;
      const seconds = predictedSeconds(plan, measured.gemmGflops);
      const named = isFull(space) ? {} : { space: space.name };
      cells.push({ shots, seed, formula: formula.name, ...named, plan, predictedSeconds: seconds });
    }
    if (!measured) throw new Error('an experiment without cells');
    return {
      format: 'ntk-lens-plan',
      version: 1,
      task: prepared.task.name,
      model: opened.name,
      parameters: model.parameters,
      ...measured,
      memory: config.memory ?? DEFAULT_MEMORY,
      cells,
    };
  } finally {
    await model.close();
  }
};
