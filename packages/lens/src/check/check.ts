import type { LongTaskOptions } from '@ntk-lens/core';
import type { FormulaName } from '@ntk-lens/kernels';
import type { OptimizerName, ParameterSpace } from '@ntk-lens/subspace';
import type {
  EarlyAdam,
  FeatureChange,
  Finding,
  KernelAnalogue,
  LinearizationError,
  MeasuredStep,
  Verdict,
} from '@ntk-lens/tensor-programs';
import type { SolverGrids } from '../solve/solve-kernel.js';

/** Optimizers whose kernel view is checked. */
export const checkedOptimizers = ['sgd', 'adam'] as const satisfies readonly OptimizerName[];
export type CheckedOptimizer = (typeof checkedOptimizers)[number];

/** What `lens.check` takes. */
export interface CheckOptions extends Partial<SolverGrids>, LongTaskOptions {
  /** Default: both. */
  readonly optimizers?: readonly CheckedOptimizer[];
  /** In which parameters move and kernels are taken. Default: that of the session. */
  readonly space?: string | ParameterSpace;
  /** Learning rates to choose from on dev. Default: the middle of the protocol's grid. */
  readonly sgdRates?: readonly number[];
  readonly adamRates?: readonly number[];
  /** Default: 8. */
  readonly batchSizes?: readonly number[];
  /** Optimizer steps of fine-tuning. Default: 100. */
  readonly steps?: number;
  /** Largest global norm of the gradient; null: no limit. Default: 1. */
  readonly clipNorm?: number | null;
  readonly dropout?: boolean;
  /** Steps after which parameters are kept and looked at. */
  readonly trajectory?: readonly number[];
  /** First steps over which Adam is held against SignGD. Default: 8. */
  readonly earlySteps?: number;
  /** Test examples on which the trajectory is looked at; θ_T is looked at on all. Default: 64. */
  readonly probes?: number;
  /** As kernels take them. */
  readonly tied?: boolean;
  readonly keepNoise?: boolean;
  readonly parameters?: { readonly include?: readonly string[]; readonly exclude?: readonly string[] };
  /**
   * Where trainings, kernels and measurements are kept; a check that was interrupted there goes on, and one that was finished
   * is read. Default: a temporary one, which is removed.
   */
  readonly directory?: string;
  /** Replace what other work left in the directory. Default: it is refused. */
  readonly replace?: boolean;
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

/** What was measured on one k-shot sample with one optimizer. */
export interface OptimizerMeasurement {
  readonly shots: number;
  readonly seed: number;
  readonly optimizer: CheckedOptimizer;
  /** Chosen on dev. */
  readonly learningRate: number;
  readonly batchSize: number;
  /** θ_T, the point that dev chose, on all test examples. */
  readonly end: PointScores;
  /** Of all test examples, the logit of the label less the mean of the others: of f at θ₀, of f_lin and f at θ_T. */
  readonly margins: Readonly<Record<'start' | 'linearized' | 'tuned', readonly number[]>>;
  /** Points of the trajectory, on the probes. */
  readonly path: readonly PointScores[];
  readonly steps: readonly MeasuredStep[];
  /** Of the formula that is the optimizer's analogue. */
  readonly features: { readonly formula: FormulaName; readonly points: readonly FeatureChange[] };
  readonly kernels: readonly KernelScore[];
  /** Of an optimizer that starts as another one: Adam. */
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

/** What `lens.check` found. */
export interface Check {
  /** In the order of the paper's conditions. */
  readonly findings: readonly Finding[];
  /** Verdict by condition: the worst of its findings, `fails` before `cannot tell` before `holds`. */
  readonly verdicts: Readonly<Record<string, Verdict>>;
  readonly optimizers: readonly OptimizerMeasurement[];
  readonly natural: readonly NaturalMeasurement[];
  /** What a reader should know of the samples. */
  readonly remarks: readonly string[];
}
