import type { KernelPlan, WorkPart } from '@ntk-lens/kernels';
import type { RunConfig } from '../options/run-config.js';
import { explainCells, type PlannedCells, type PlannedFor } from './explain-cells.js';
import { checkExperiment, openCells } from './prepare-experiment.js';
import type { TaskWork } from './several/over-tasks.js';
import type { SessionOptions } from './with-lens.js';

interface PlannedKernel {
  readonly plan: KernelPlan;
  /** Forecast of the kernel alone, in all and by parts of the work. */
  readonly predictedSeconds: number;
  readonly predictedParts: Readonly<Record<WorkPart, number>>;
}

/** The plan of one sample, formula and space. */
export interface ExplainedCell extends PlannedFor, PlannedKernel {}

/** The plan of `ntk-lens kernel`. */
export interface ExplainedExperiment extends PlannedCells<PlannedKernel> {
  readonly format: 'ntk-lens-plan';
  readonly version: 3;
  /** Budget in bytes. */
  readonly memory: number;
}

/** The work of `explainExperiment` on each of several tasks. */
export const explainWork: TaskWork<ExplainedExperiment> = {
  check: checkExperiment,
  refuse: async (lens, config, options) => (await openCells(lens, config, options, async () => {})).close(),
  compute: (config, options) => explainExperiment(config, options),
};

/** Budget of a run that names none. */
const DEFAULT_MEMORY = 4 * 2 ** 30;

/**
 * Plans an experiment's kernels: reads task, tokenizer and the shapes of the weights, counts the work, and forecasts its time by
 * the rates of the machine. Where they were not measured, it measures for a moment how fast the runtime multiplies. Computes no kernel and writes nothing.
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
  options: SessionOptions = {},
): Promise<ExplainedExperiment> => {
  const planned = await explainCells(
    config,
    options,
    (lens, task, choice) => lens.explain(task, choice),
    ({ plan, seconds, parts }): PlannedKernel => ({
      ...{ plan, predictedSeconds: seconds, predictedParts: parts },
    }),
  );
  return { format: 'ntk-lens-plan', version: 3, memory: config.memory ?? DEFAULT_MEMORY, ...planned };
};
