import type { FormulaName } from '@ntk-lens/kernels/formulas';
import type {
  EarlyAdam,
  FeatureChange,
  KernelAnalogue,
  LinearizationError,
  MeasuredStep,
} from '@ntk-lens/tensor-programs';
import type { CheckedOptimizer } from './checked-optimizers.js';

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
