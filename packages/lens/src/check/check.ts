import type { LongTaskOptions } from '@ntk-lens/core';
import type { FormulaName } from '@ntk-lens/kernels';
import type { SolverGrids } from '@ntk-lens/solvers';
import type { ParameterSpace } from '@ntk-lens/subspace';
import type {
  EarlyAdam,
  FeatureChange,
  Finding,
  KernelAnalogue,
  LinearizationError,
  MeasuredStep,
  Verdict,
} from '@ntk-lens/tensor-programs';
import type { FineTuned } from '../fine-tune/fine-tuned.js';
import type { KernelChoice } from '../kernel/kernel-options.js';
import type { Solved } from '../solve/solve-kernel.js';
import type { CheckChoice, CheckedOptimizer } from './check-choice.js';

/** Options of `lens.check`. */
export interface CheckOptions extends CheckChoice, LongTaskOptions {
  /** In which parameters move and kernels are taken. Default: that of the session. */
  readonly space?: string | ParameterSpace;
  /** Options of the kernels that are compared with fine-tuning. */
  readonly kernel?: Pick<KernelChoice, 'binary' | 'parameters' | 'tied' | 'keepNoise' | 'batch'>;
  /**
   * Options of the solution of these kernels. A kernel with a flipped one is solved by `asym`. Default: the
   * protocol's grids.
   */
  readonly solve?: Partial<SolverGrids>;
  /**
   * Where trainings, kernels and measurements are kept (docs/formats.md, The directory of check); a check that was interrupted
   * there goes on, and one that was finished is read. Default: a temporary one, which is removed.
   */
  readonly directory?: string;
  /** Replace what other work left in the directory. Default: it is refused. */
  readonly replace?: boolean;
  /** Other processes check other samples in the directory: only the folders of these samples are kept from them. Default: false. */
  readonly shared?: boolean;
  /** Called with every kernel that was solved for the check; it must not wait for another call of the session. */
  readonly onKernel?: (kernel: CheckedKernel) => Promise<void>;
  /** Called with every model that was tuned for the check; it must not wait for another call of the session. */
  readonly onTuned?: (tuned: CheckedTuning) => Promise<void>;
}

/** A kernel of a check while the check goes on. */
export interface CheckedKernel {
  readonly formula: FormulaName;
  readonly solved: Solved;
  /** That holds the kernel. */
  readonly directory: string;
  /** Wall-clock. */
  readonly seconds: { readonly kernels: number; readonly solve: number };
}

/** A tuned model of a check while the check goes on. */
export interface CheckedTuning {
  readonly optimizer: CheckedOptimizer;
  readonly tuned: FineTuned;
  /** Its manifest, with the training in `training/`. */
  readonly directory: string;
  /** Wall-clock. */
  readonly seconds: number;
}

/** Test scores at θ₀, of f_lin and of f at one point of a training. */
export interface PointScores {
  readonly step: number;
  readonly zeroShot: number;
  readonly linearized: number;
  readonly tuned: number;
  readonly error: LinearizationError;
}

/** A kernel at θ₀, solved. */
export interface KernelScore {
  readonly formula: FormulaName;
  readonly solver: string;
  readonly test: number;
}

/** The measurements on one k-shot sample with one optimizer. */
export interface OptimizerMeasurement {
  readonly shots: number;
  readonly seed: number;
  readonly optimizer: CheckedOptimizer;
  /** Chosen on dev. */
  readonly learningRate: number;
  readonly batchSize: number;
  /** θ_T, the point that dev chose, on all test examples. */
  readonly end: PointScores;
  /**
   * The logit of the label less the mean of the others, for all test examples: f at θ₀, f_lin and f at θ_T.
   */
  readonly margins: Readonly<Record<'start' | 'linearized' | 'tuned', readonly number[]>>;
  /** Points of the trajectory, on the probes. */
  readonly path: readonly PointScores[];
  readonly steps: readonly MeasuredStep[];
  /** Kernel changes under the formula that is the optimizer's analogue. */
  readonly features: { readonly formula: FormulaName; readonly points: readonly FeatureChange[] };
  readonly kernels: readonly KernelScore[];
  /** The early steps of an optimizer that starts as another one: Adam. */
  readonly early?: EarlyAdam;
  readonly analogues?: readonly KernelAnalogue[];
}

/** |χ| of every example at θ₀, by the way the model is asked. */
export interface NaturalMeasurement {
  readonly shots: number;
  readonly seed: number;
  /** Name → one number per example. */
  readonly train: Readonly<Record<string, readonly number[]>>;
  readonly test: Readonly<Record<string, readonly number[]>>;
}

/** The result of `lens.check`. */
export interface Check {
  /** In the order of the paper's conditions. */
  readonly findings: readonly Finding[];
  /** Verdict by condition: the worst of its findings, `fails` before `cannot tell` before `holds`. */
  readonly verdicts: Readonly<Record<string, Verdict>>;
  readonly optimizers: readonly OptimizerMeasurement[];
  readonly natural: readonly NaturalMeasurement[];
  /** Facts about the samples that a reader should know. */
  readonly remarks: readonly string[];
}
