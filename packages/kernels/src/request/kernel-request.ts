import type { EncodedExample, LongTaskOptions, NDArray, SplitName } from '@ntk-lens/core';
import type { MachineRates, Runtime } from '@ntk-lens/engine';
import type { LabelWordIds, LanguageModel } from '@ntk-lens/models';
import type { ParameterFilter } from '../factors/active-parameters.js';
import type { KernelFormula } from '../formulas/formula.js';
import type { KernelTiling } from '../plan/kernel-tiling.js';
import type { GradientProjection } from '../projected/gradient-projection.js';
import type { TileStore } from '../store/tile-store.js';

/** The quantity to compute. */
export interface KernelRequest extends LongTaskOptions {
  readonly model: LanguageModel;
  readonly runtime: Runtime;
  /** Training examples: the rows of every kernel. */
  readonly train: readonly EncodedExample[];
  /** Query examples by split; the training examples are queries too and need not be repeated. */
  readonly queries: Readonly<Partial<Record<Exclude<SplitName, 'train'>, readonly EncodedExample[]>>>;
  /** Label words in label order: a token each, or the tokens of each, whose log-probabilities are then the outputs. */
  readonly labelWordIds: LabelWordIds;
  /** One of `formulaNames`, or a formula as a value, such as `adam({ state })`. */
  readonly formula: string | KernelFormula;
  /** Label of every training example, for formulas that look at the loss: an index, or a number in `range`. */
  readonly labels?: readonly number[];
  /** Labels are numbers in this range, between the two label words (LM-BFF's regression). */
  readonly range?: readonly [number, number];
  /** One output, logit₁ − logit₀, instead of one per label; needs two labels. */
  readonly binary?: boolean;
  /** Parameters that take part, by Hugging Face name (see `matchParameters`); all by default. */
  readonly parameters?: ParameterFilter;
  /**
   * Takes the kernel over the coordinates Πᵀ∇f of a projection of the chosen parameters' gradients. Choose it
   * for random subspaces (intrinsic dimension); it does not split into blocks.
   */
  readonly projection?: GradientProjection;
  /**
   * Count the LM head's decoder and the word embeddings as one parameter, with cross terms. By default they
   * are two, as in the reference. For models that tie them; choose it to compare with fine-tuning such a model.
   */
  readonly tied?: boolean;
  /** Keep gradients that are zero except for rounding (attention key biases) in sign kernels, as the reference does. */
  readonly keepNoise?: boolean;
  /** Examples that run together, at most, and at most 640 tokens of them; default 32. */
  readonly batchSize?: number;
  /**
   * Budget in bytes for everything, weights included; default 4 GiB. The kernel itself is not included. Weights that leave too
   * little of it are read stage by stage, in every pass.
   */
  readonly memory?: number;
  /**
   * Rates of the machine, by which the plan weighs memory against operations. Default: those of two cores of an AMD EPYC.
   * Kernels of two plans differ by rounding.
   */
  readonly rates?: MachineRates;
  /** Read the weights stage by stage, or not, whatever the budget. For the same tiles, the numbers are the same. */
  readonly streamed?: boolean;
  /**
   * Cut the kernel into about this many parts or more, of which each can be computed by another process (`openKernelParts`).
   * Kernels of two plans differ by rounding. Default: 1.
   */
  readonly parts?: number;
  /**
   * The plan of this request, from `tileKernels`. Default: each function plans it anew. It has to be that of the same request: one
   * for other examples is refused, and other settings are those of the plan.
   */
  readonly tiling?: KernelTiling;
  /** Keeps finished tiles, so that an interrupted computation resumes. */
  readonly store?: TileStore;
}

/** Kernels of one split against the training examples. */
export interface SplitKernels {
  /** `[train, C, query, C]` (see `KernelSplit` of core). */
  readonly kernel: NDArray<'float64'>;
  readonly flipped?: NDArray<'float64'>;
  /** f(·; θ₀) `[query, C]`. */
  readonly logits: NDArray<'float64'>;
}

export type Kernels = { readonly [split in SplitName]?: SplitKernels } & { readonly train: SplitKernels };
