import type { tf } from '@ntk-lens/engine';
import type { FormulaName } from '@ntk-lens/kernels';
import type { StepKind } from '@ntk-lens/models';
import type { OptimizerSteps } from './optimizer.js';

/** One number that an optimizer takes: from `from` to below `below`. */
export interface OptimizerSetting {
  readonly default: number;
  readonly from: number;
  readonly below: number;
}

/**
 * The engine's operations that definitions need. They are passed in, so that definitions can be read where no
 * engine is loaded.
 */
export interface OptimizerOperations {
  /** Elementwise; sign(0) = 0. */
  sign(x: tf.Tensor): tf.Tensor;
}

/** Kernels that predict what small steps of an optimizer do to outputs (docs/theory.md, Kernels). */
export interface AnalogousKernels {
  /** Symmetric, and defined for any number of labels. */
  readonly main: FormulaName;
  /** Further ones, defined for two labels. */
  readonly ofTwoLabels: readonly FormulaName[];
}

/**
 * An optimizer: its steps, and everything that follows from taking them. Adding one is a file like `sgd.ts` and a line
 * in `index.ts`.
 */
export interface OptimizerDefinition<
  N extends string = string,
  S extends string = string,
  Start extends string = string,
> {
  /** In options, on the command line and in files. */
  readonly name: N;
  /** For people, in tables and figures. */
  readonly title: string;
  /** The numbers that it takes, with their defaults and ranges. */
  readonly settings: Readonly<Record<S, OptimizerSetting>>;
  /** @param settings all of them, in range */
  create(settings: Readonly<Record<S, number>>, operations: OptimizerOperations): OptimizerSteps;
  /** Default learning rate. */
  readonly learningRate: number;
  /** Learning rates to choose from on dev: the protocol's (docs/theory.md, Fine-tuning), where it has the optimizer. */
  readonly learningRates: readonly number[];
  /**
   * The dependence of its step on the gradient, which decides the exponents of width of its learning rates.
   */
  readonly stepKind: StepKind;
  readonly kernels: AnalogousKernels;
  /** The optimizer whose steps its first ones are, if it is another one. */
  readonly startsAs?: OptimizerDefinition<Start, never, never>;
}

/** A definition whose type knows the name and the settings. */
export const defineOptimizer = <N extends string, S extends string = never, Start extends string = never>(
  definition: OptimizerDefinition<N, S, Start>,
): OptimizerDefinition<N, S, Start> => definition;
