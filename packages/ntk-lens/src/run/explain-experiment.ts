import type { MachineProfile, MachineRates } from '@ntk-lens/engine';
import type { FormulaName, KernelPlan, WorkPart } from '@ntk-lens/kernels';
import type { ExplainedKernel, RuntimeRecord } from '@ntk-lens/lens';
import { parameterCount } from '@ntk-lens/models';
import { isFull } from '@ntk-lens/subspace';
import type { RunConfig } from '../options/run-config.js';
import { checkExperiment, openCells, withExperiment } from './prepare-experiment.js';
import type { TaskWork } from './several/over-tasks.js';
import type { SessionOptions } from './with-lens.js';

/** The plan of one sample, formula and space. */
export interface ExplainedCell {
  readonly shots: number;
  readonly seed: number;
  readonly formula: FormulaName;
  /** Its name in the configuration. Default: all parameters. */
  readonly space?: string;
  readonly plan: KernelPlan;
  /** Forecast of the kernel alone, in all and by parts of the work. */
  readonly predictedSeconds: number;
  readonly predictedParts: Readonly<Record<WorkPart, number>>;
}

/** The plan of `ntk-lens kernel`. */
export interface ExplainedExperiment {
  readonly format: 'ntk-lens-plan';
  readonly version: 3;
  readonly task: string;
  readonly model: string;
  readonly parameters: number;
  readonly runtime: RuntimeRecord;
  /** The profile by which kernels are planned. */
  readonly profile: MachineProfile;
  /** The rates of the forecast; they are the profile's, where it was measured. */
  readonly rates: MachineRates;
  /** Budget in bytes. */
  readonly memory: number;
  readonly cells: readonly ExplainedCell[];
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
      const { runtime, profile, rates } = explained[0]!;
      return {
        format: 'ntk-lens-plan',
        version: 3,
        task: cells[0]!.task.spec.name,
        model: lens.name,
        parameters: parameterCount(lens.model),
        ...{ runtime, profile, rates },
        memory: config.memory ?? DEFAULT_MEMORY,
        cells: cells.map(({ task: { shots, seed }, formula, space }, i) => ({
          ...{ shots, seed, formula: formula.name, space: isFull(space.space) ? undefined : space.name },
          plan: explained[i]!.plan,
          predictedSeconds: explained[i]!.seconds,
          predictedParts: explained[i]!.parts,
        })),
      };
    },
  );
