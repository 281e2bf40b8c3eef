import type { SplitName } from '@ntk-lens/core';
import type { FormulaName } from '@ntk-lens/kernels/formulas';
import type { RuntimeRecord, SpaceInfo, ZeroShotMethod } from '@ntk-lens/lens';
import type { Spectrum } from '@ntk-lens/solvers/matrix-free';
import type { KernelDistance } from '@ntk-lens/subspace';
import type { RunConfig } from '../options/run-config.js';
import type { SolvedSplits } from './stored-scores.js';
import type { TaskRecord } from './with-lens.js';

/** The space of a kernel. */
export interface CellSpace extends SpaceInfo {
  /** As the configuration names it. */
  readonly name: string;
}

/** Distance of a space's kernel from that of all parameters, on the training examples. */
export interface SpaceDistance extends KernelDistance {
  /**
   * Johnson–Lindenstrauss bound on `worst`, with probability 0.95. It is absent if the lemma promises
   * nothing: for k that are too small, for formulas other than ⟨∇f, ∇f⟩, and for spaces that are no random
   * projection of all parameters.
   */
  readonly bound?: number;
}

/** One k-shot sample, kernel formula and parameter space of an experiment. */
export interface CellResult {
  readonly shots: number;
  readonly seed: number;
  readonly formula: FormulaName;
  /** Settings of the formula, if it has any, as the manifest records them. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** The space of the kernel. Default: all parameters. */
  readonly space?: CellSpace;
  /** From the kernel of all parameters; absent where that is not in the experiment. */
  readonly distance?: SpaceDistance;
  /** No prompt, and a linear-probe head: `scores.zeroShot` is then what the probe answers. */
  readonly withoutPrompt?: true;
  /** The directory of its files. */
  readonly directory: string;
  readonly examples: Readonly<Record<SplitName, number>>;
  /** Kernel shapes `[train, C, query, C]`. */
  readonly shapes: Readonly<Record<SplitName, readonly number[]>>;
  /** Found with the solution of a kernel that was never written out. */
  readonly matrixFree?: {
    readonly largestEigenvalue: number;
    readonly iterations: number;
    /** Absent in results of earlier versions. */
    readonly spectrum?: Spectrum;
  };
  /** Absent for `ntk-lens kernel`. */
  readonly scores?: SolvedSplits;
  /** Zero-shot averaged over contexts of demonstrations, and calibrated; absent unless asked for. */
  readonly zeroShotVariants?: readonly ZeroShotMethod[];
  /** The runtime that computed the kernels. */
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
