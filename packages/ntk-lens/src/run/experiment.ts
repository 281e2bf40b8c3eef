import type { SplitName } from '@ntk-lens/core';
import type { FormulaName } from '@ntk-lens/kernels/formulas';
import type { RuntimeRecord, SpaceInfo, ZeroShotMethod } from '@ntk-lens/lens';
import type { KernelDistance } from '@ntk-lens/subspace';
import type { RunConfig } from '../options/run-config.js';
import type { SolvedSplits } from './stored-scores.js';
import type { TaskRecord } from './with-lens.js';

/** The space of a kernel. */
export interface CellSpace extends SpaceInfo {
  /** As the configuration names it. */
  readonly name: string;
}

/** How far the kernel of a space is from that of all parameters, on the training examples. */
export interface SpaceDistance extends KernelDistance {
  /**
   * What the Johnson–Lindenstrauss lemma allows `worst` to be, with probability 0.95; absent where it promises nothing:
   * for k that are too small, for formulas other than ⟨∇f, ∇f⟩, and for spaces that are no random projection of all
   * parameters.
   */
  readonly bound?: number;
}

/** One k-shot sample, kernel formula and parameter space of an experiment. */
export interface CellResult {
  readonly shots: number;
  readonly seed: number;
  readonly formula: FormulaName;
  /** Of the formula, where it has any, as the manifest records them. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Over which the kernel is; absent: all parameters. */
  readonly space?: CellSpace;
  /** From the kernel of all parameters; absent where that is not in the experiment. */
  readonly distance?: SpaceDistance;
  /** No prompt, and a linear-probe head: `scores.zeroShot` is then what the probe answers. */
  readonly withoutPrompt?: true;
  /** Where its files are. */
  readonly directory: string;
  readonly examples: Readonly<Record<SplitName, number>>;
  /** Kernel shapes `[train, C, query, C]`. */
  readonly shapes: Readonly<Record<SplitName, readonly number[]>>;
  /** Absent for `ntk-lens kernel`. */
  readonly scores?: SolvedSplits;
  /** Zero-shot averaged over contexts of demonstrations, and calibrated; absent unless asked for. */
  readonly zeroShotVariants?: readonly ZeroShotMethod[];
  /** What computed the kernels. */
  readonly runtime: RuntimeRecord;
  /** True when finished kernels of the same run were found. */
  readonly reused: boolean;
  /** Wall-clock seconds. */
  readonly seconds: { readonly kernels: number; readonly solve: number };
}

/** Everything that a run found; written to `metrics.json`. */
export interface Experiment {
  readonly format: 'ntk-lens-metrics';
  readonly version: 1;
  readonly directory: string;
  readonly config: RunConfig;
  readonly task: TaskRecord;
  readonly model: { readonly name: string; readonly hash: string; readonly parameters: number };
  readonly environment: Readonly<Record<string, string>>;
  readonly cells: readonly CellResult[];
  /** Wall-clock seconds of the whole. */
  readonly seconds: number;
}
