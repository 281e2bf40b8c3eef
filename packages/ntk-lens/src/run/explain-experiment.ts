import type { FormulaName, KernelPlan } from '@ntk-lens/kernels';
import type { ExplainedKernel, RuntimeRecord } from '@ntk-lens/lens';
import { parameterCount } from '@ntk-lens/models';
import { isFull } from '@ntk-lens/subspace';
import type { RunConfig } from '../options/run-config.js';
import { withExperiment } from './prepare-experiment.js';
import type { SessionOptions } from './with-lens.js';

/** The plan of one sample, formula and space. */
export interface ExplainedCell {
  readonly shots: number;
  readonly seed: number;
  readonly formula: FormulaName;
  /** Its name in the configuration. Default: all parameters. */
  readonly space?: string;
  readonly plan: KernelPlan;
  /** Predicted time of the kernel alone, from the counted work and the measured rate. */
  readonly predictedSeconds: number;
}

/** The plan of `ntk-lens kernel`. */
export interface ExplainedExperiment {
  readonly format: 'ntk-lens-plan';
  readonly version: 1;
  readonly task: string;
  readonly model: string;
  readonly parameters: number;
  readonly runtime: RuntimeRecord;
  /** float32 matrix products, measured now. */
  readonly gemmGflops: number;
  /** Share of it that products are reckoned to reach. */
  readonly efficiency: number;
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
  options: SessionOptions = {},
): Promise<ExplainedExperiment> =>
  withExperiment(
    config,
    options,
    async () => {},
    async (lens, cells) => {
      const { signal, onProgress } = options;
      const explained: ExplainedKernel[] = [];
      for (const { task, choice } of cells)
        explained.push(await lens.explain(task, { ...choice, signal, onProgress }));
      const { runtime, gemmGflops, efficiency } = explained[0]!;
      return {
        format: 'ntk-lens-plan',
        version: 1,
        task: cells[0]!.task.spec.name,
        model: lens.name,
        parameters: parameterCount(lens.model),
        ...{ runtime, gemmGflops, efficiency },
        memory: config.memory ?? DEFAULT_MEMORY,
        cells: cells.map(({ task: { shots, seed }, formula, space }, i) => ({
          ...{ shots, seed, formula: formula.name, space: isFull(space.space) ? undefined : space.name },
          plan: explained[i]!.plan,
          predictedSeconds: explained[i]!.seconds,
        })),
      };
    },
  );
